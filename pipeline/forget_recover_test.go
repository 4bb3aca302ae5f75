package pipeline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// forgets has a customer forgotten, and returns the record that asks for it.
func (m *memory) forgets(t *testing.T, customer string, partitions int) event.Record {
	t.Helper()
	body, err := json.Marshal(fact.ForgetMark{Customer: customer})
	if err != nil {
		t.Fatal(err)
	}
	clock := m.records[len(m.records)-1].Stored + 1_000
	m.append(event.Record{
		Stored: clock, Clock: clock, Partition: event.PartitionOf(customer, partitions),
		Lane: event.LaneControl, Control: event.ControlForget, Data: body,
	})

	return m.records[len(m.records)-1]
}

// erase takes out all records that name a customer.
func (m *memory) erase(customer string) (erased int) {
	m.erased = make(map[uint64]bool)
	for _, r := range m.records {
		if strings.Contains(string(r.Data), fmt.Sprintf("%q", customer)) {
			m.erased[r.Sequence] = true
		}
	}

	return len(m.erased)
}

// A partition goes on though the record that its cursor and its snapshot stand on was
// erased, and the one that it began with; and where the snapshot is lost too it begins
// with what is left, and publishes nothing a second time. A record that is missing for
// another reason stops it as before.
func TestRecoveryWithoutErasedRecords(t *testing.T) {
	const who = "c3"
	m, config := newMemory(), smallConfig()
	history(m, config, 29, 400, 10)
	home := event.PartitionOf(who, config.Partitions)
	if err := run(t, m, config, "before", time.Hour); err != nil {
		t.Fatal(err)
	}
	asks := m.forgets(t, who, config.Partitions)
	if err := run(t, m, config, "forgets", time.Hour); err != nil {
		t.Fatal(err)
	}
	manifest := m.manifests[home]
	if manifest.SnapshotAt != asks.Sequence || manifest.Cursor != asks.Sequence || manifest.Erased != asks.Sequence {
		t.Fatalf("snapshot at %d, cursor %d, erased up to %d; want all at record %d, else the test is none",
			manifest.SnapshotAt, manifest.Cursor, manifest.Erased, asks.Sequence)
	}
	if strings.Contains(decompressed(t, m.snapshots[manifest.Snapshot]), who) {
		t.Error("the snapshot names who was forgotten")
	}
	if n := m.erase(who); n < 20 {
		t.Fatalf("%d records are erased", n)
	}
	m.erased[manifest.Base.Sequence] = true

	goesOn := func(nonce string) {
		t.Helper()
		published := len(m.outputs[shard.Rollups])
		m.forgets(t, "nobody-"+nonce, config.Partitions)
		for i := range config.Partitions { // so that all of them have to commit
			for n := 0; ; n++ {
				if id := fmt.Sprint("nobody-", n); event.PartitionOf(id, config.Partitions) == i {
					m.forgets(t, id, config.Partitions)

					break
				}
			}
		}
		if err := run(t, m, config, nonce, time.Hour); err != nil {
			t.Fatalf("%s: %v", nonce, err)
		}
		last := make(map[int]uint64)
		for i, message := range m.outputs[shard.Rollups] {
			if message.cut < last[message.partition] {
				t.Fatalf("%s: message %d is of cut %d, behind cut %d", nonce, i, message.cut, last[message.partition])
			}
			last[message.partition] = message.cut
		}
		if more := len(m.outputs[shard.Rollups]) - published; more > 60 {
			t.Errorf("%s: %d messages were published, of which most were before", nonce, more)
		}
	}
	goesOn("without its base")
	clear(m.snapshots)
	goesOn("without a snapshot")

	held := m.manifests[home]
	held.Erased, held.Snapshot = 0, ""
	m.manifests[home] = held
	m.erased[held.Cursor] = true
	if err := run(t, m, config, "lost", time.Hour); !errors.Is(err, own.ErrRecovery) {
		t.Errorf("a record that nobody erased is missing: %v", err)
	}
}

// decompressed is what the sections of a snapshot hold.
func decompressed(t *testing.T, snapshot []byte) string {
	t.Helper()
	_, sections, err := shard.OpenSnapshot(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, s := range sections {
		all.Write(s.Body)
	}

	return all.String()
}
