package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// A snapshot between any two records is as good as none: it comes back as the
// same bytes, and what follows is the same as without it, to the byte.
func TestSnapshotAnywhere(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	config.AlertBudget, config.AlertEvery = 3, 6*time.Hour
	m := newMemory()
	history(m, config, 61, 700, 12)
	playAnywhere(t, config, m.records)
}

// So it is while people join, and where they were active moves.
func TestSnapshotAnywhereWhilePeopleJoin(t *testing.T) {
	config := smallConfig()
	config.Partitions, config.CutRecords, config.Join, config.StoreStep = 1, 20, true, anyLeap
	m := newMemory()
	visitors(m, config, 5)
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	var records []event.Record
	var take func(r event.Record)
	take = func(r event.Record) {
		r.Sequence = uint64(len(records) + 1)
		records = append(records, r)
		var told []event.Record
		tell := func(control event.Control, mark any) {
			body, err := json.Marshal(mark)
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, event.Record{Clock: r.Clock, Stored: r.Stored, Lane: event.LaneControl, Control: control, Data: body})
		}
		if err := sh.Process(&r, func(cut *shard.Cut) {
			for _, mark := range cut.Joins {
				tell(event.ControlJoin, mark)
			}
			for _, mark := range cut.Moves {
				tell(event.ControlMove, mark)
			}
		}); err != nil {
			t.Fatal(err)
		}
		for _, r := range told {
			take(r)
		}
	}
	for _, r := range m.records {
		take(r)
	}
	if n := len(records) - len(m.records); n < 30 {
		t.Errorf("%d records of joins and moves are no test", n)
	}
	playAnywhere(t, config, records)
}

// playAnywhere plays records without a snapshot, and with snapshots at any places, each
// restored at once: the outputs are the same, and so are the bytes of what is restored.
func playAnywhere(t *testing.T, config meaning.Config, records []event.Record) {
	t.Helper()
	play := func(every int) (outputs []byte) {
		sh, err := shard.NewShard(config, 0)
		if err != nil {
			t.Fatal(err)
		}
		emit := func(cut *shard.Cut) {
			body, err := json.Marshal(cut)
			if err != nil {
				t.Fatal(err)
			}
			outputs = append(append(outputs, body...), '\n')
		}
		random := rand.New(rand.NewPCG(uint64(every), 1))
		for i := range records {
			if err := sh.Process(&records[i], emit); err != nil {
				t.Fatal(err)
			}
			if every == 0 || random.IntN(every) > 0 {
				continue
			}
			snapshot := sh.Capture().AppendBinary(nil)
			if sh, err = shard.RestoreShard(config, 0, snapshot); err != nil {
				t.Fatalf("after record %d: %v", i+1, err)
			}
			if again := sh.Capture().AppendBinary(nil); !bytes.Equal(again, snapshot) {
				t.Fatalf("after record %d: %d bytes become %d others", i+1, len(snapshot), len(again))
			}
		}

		return outputs
	}
	want := play(0)
	for _, every := range []int{1, 3, 50} {
		if got := play(every); !bytes.Equal(got, want) {
			t.Errorf("with a snapshot about every %d records the outputs are others", every)
		}
	}
}

// A graceful stop anywhere, also between cuts, leaves nothing to read again, and
// the outputs are those of one run.
func TestAGracefulStopLeavesNothingToRead(t *testing.T) {
	config := smallConfig()
	calm := newMemory()
	history(calm, config, 67, 800, 25)
	if err := run(t, calm, config, "calm", time.Hour); err != nil {
		t.Fatal(err)
	}

	m, all := newMemory(), newMemory()
	history(all, config, 67, 800, 25)
	for life, from := 0, 0; from < len(all.records); life++ {
		to := min(from+131, len(all.records)) // in the middle of cuts
		m.append(all.records[from:to]...)
		before := m.read
		if err := runUntilTaken(t, m, config, fmt.Sprint("life", life)); err != nil {
			t.Fatal(err)
		}
		if read := m.read - before; read != to-from {
			t.Errorf("life %d read %d records, and %d had come", life, read, to-from)
		}
		for partition, manifest := range m.manifests {
			if manifest.SnapshotAt != m.last(config.Partitions)[partition] || manifest.Cursor != manifest.SnapshotAt {
				t.Errorf("life %d: partition %d stopped with a snapshot at %d and the cursor at %d, its last record is %d",
					life, partition, manifest.SnapshotAt, manifest.Cursor, m.last(config.Partitions)[partition])
			}
		}
		if len(m.snapshots) != config.Partitions {
			t.Errorf("life %d: %d snapshots are left, want one a partition", life, len(m.snapshots))
		}
		from = to
	}
	sameOutputs(t, calm, m, config)
}

// runUntilTaken stops as soon as all records were taken, wherever cuts are due.
func runUntilTaken(t *testing.T, m *memory, config meaning.Config, nonce string) error {
	t.Helper()
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: nonce, SnapshotInterval: time.Hour})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	for last := m.last(config.Partitions); ; time.Sleep(time.Millisecond) {
		taken := 0
		for partition, p := range instance.Progress() {
			if p.Taken >= last[partition] {
				taken++
			}
		}
		if taken == config.Partitions && instance.ReadTo() >= slices.Max(last) || ctx.Err() != nil {
			break
		}
	}
	cancel()

	return <-done
}

// A partition without records, or with few and old ones, does not make the next
// owner read the stream again for the others; after a crash, too.
func TestIdlePartitionsDoNotCostAReadOfTheStream(t *testing.T) {
	config := smallConfig()
	config.Partitions = 4
	const busy, quiet = 30_000, 5
	record := func(partition int, n int) event.Record {
		clock := int64(1_700_000_000_000 + n)

		return event.Record{Stored: clock, Clock: clock, Partition: partition, Lane: event.LaneControl,
			Control: event.ControlTick, Data: []byte("{}")}
	}
	for name, stop := range map[string]func(*testing.T, *memory){
		"after a graceful stop": func(t *testing.T, m *memory) {
			if err := runUntilTaken(t, m, config, "first"); err != nil {
				t.Fatal(err)
			}
		},
		"after a crash": func(t *testing.T, m *memory) {
			if err := runUntilTaken(t, m, config, "first"); err != nil {
				t.Fatal(err)
			}
			// As if the quiet ones had never been stored again.
			manifests(m, func(f *own.Manifest) {
				if f.Partition >= 2 {
					f.Snapshot, f.SnapshotAt, f.ReadTo = "", 0, 0
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory() // partition 3 never has a record
			for n := range quiet {
				m.append(record(2, n))
			}
			var batch []event.Record
			for n := range busy {
				batch = append(batch, record(n%2, quiet+n))
			}
			m.append(batch...)
			stop(t, m)
			before := m.read
			m.append(record(0, busy+quiet), record(3, busy+quiet))
			if err := runUntilTaken(t, m, config, "second"); err != nil {
				t.Fatal(err)
			}
			if read := m.read - before; read > quiet+config.Partitions {
				t.Errorf("%d records were read again for %d that had come", read, 2)
			}
		})
	}
}

// Snapshots that are gone or damaged are made again from the stream, as long as
// it holds everything; nothing is published twice.
func TestLostSnapshotsAreMadeAgain(t *testing.T) {
	for name, spoil := range map[string]func(*memory){
		"all deleted": func(m *memory) { clear(m.snapshots) },
		"one deleted": func(m *memory) { delete(m.snapshots, m.manifests[1].Snapshot) },
		"all damaged": spoilSnapshots,
	} {
		t.Run(name, func(t *testing.T) {
			config := smallConfig()
			calm, m := newMemory(), newMemory()
			history(calm, config, 71, 900, 25)
			if err := run(t, calm, config, "calm", 1); err != nil {
				t.Fatal(err)
			}
			history(m, config, 71, 900, 25)
			records := m.records
			m.records = records[:600]
			if err := runUntilTaken(t, m, config, "before"); err != nil {
				t.Fatal(err)
			}
			spoil(m)
			m.records = records
			heard := &restoring{}
			if _, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "looks", Observer: heard}); err != nil {
				t.Fatal(err)
			}
			if len(heard.retried) == 0 || !errors.Is(heard.retried[0], own.ErrMadeAgain) {
				t.Errorf("nobody was told: %v", heard.retried)
			}
			if err := run(t, m, config, "after", 1); err != nil {
				t.Fatal(err)
			}
			sameOutputs(t, calm, m, config)
		})
	}
}

// Where the stream no longer holds what a lost snapshot was made of, one
// sentence says what to do, and it works.
func TestGivingUpAPartitionsState(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	m := newMemory()
	liveRecords(m, 900)
	records := m.records
	m.records = records[:600]
	if err := runUntilTaken(t, m, config, "before"); err != nil {
		t.Fatal(err)
	}
	clear(m.snapshots)
	m.removed = 100
	err := runUntilTaken(t, m, config, "after")
	if err == nil || !strings.Contains(err.Error(), "delete the key p.") {
		t.Fatalf("got %v, want a remedy", err)
	}
	published := len(m.published(shard.DeadLetters))
	clear(m.manifests)
	clear(m.revisions)
	m.records = records
	if err := runUntilTaken(t, m, config, "anew"); err != nil {
		t.Fatal(err)
	}
	if now := len(m.published(shard.DeadLetters)); now <= published {
		t.Errorf("%d dead letters, %d before", now, published)
	}
}

// The stream loses its front while it is read for the first time, and the
// process dies before there is a snapshot: the next owner goes on, with cuts of
// numbers that were not used, and publishes nothing again.
func TestTheFrontExpiresBeforeTheFirstSnapshot(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	for _, crashAt := range []int{2, 3, 5, 8, 13} {
		t.Run(fmt.Sprint(crashAt), func(t *testing.T) {
			m := newMemory()
			liveRecords(m, 1200)
			batches := 0
			m.fault = func(operation string, after bool) error {
				if operation == "put" { // no snapshot gets stored
					return fmt.Errorf("the store is away")
				}
				if operation == "publish" && after {
					batches++
				}
				if batches > crashAt {
					return fmt.Errorf("crash: %w", own.ErrFenced)
				}

				return nil
			}
			if err := run(t, m, config, "first", time.Hour); err == nil {
				t.Fatal("it did not crash")
			}
			if m.manifests[0].Snapshot != "" || m.manifests[0].Base.Sequence != 1 {
				t.Fatalf("the manifest is %+v", m.manifests[0])
			}
			// Some of what was read is gone, and nothing that was not.
			m.fault, m.removed = nil, m.manifests[0].Cursor/2+1
			if err := runUntilTaken(t, m, config, "second"); err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, stream := range []shard.Stream{shard.Rollups, shard.DeadLetters} {
				before := uint64(0)
				for _, message := range m.published(stream) {
					if message.cut < before {
						t.Errorf("%s: cut %d follows cut %d", stream, message.cut, before)
					}
					before = message.cut
					if stream == shard.DeadLetters {
						if seen[string(message.Data)] {
							t.Errorf("a dead letter was published twice: %s", message.Data)
						}
						seen[string(message.Data)] = true
					}
				}
			}
			if letters := len(seen); letters != (1200+6)/7 {
				t.Errorf("%d dead letters, want %d", letters, (1200+6)/7)
			}
			// And from then on it is an ordinary partition.
			m.removed = m.manifests[0].SnapshotAt - 1
			if err := runUntilTaken(t, m, config, "third"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// liveRecords appends n live records of one partition, 100 ms apart; every seventh is a
// dead letter.
func liveRecords(m *memory, n int) {
	clock := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).UnixMilli()
	for i := range n {
		clock += 100
		at := time.UnixMilli(clock).UTC().Format("2006-01-02T15:04:05.000Z")
		body := fmt.Sprintf(`{"id":"e%d","time":%q,"customer":"c%d","type":"page.viewed"}`, i, at, i%20)
		if i%7 == 0 {
			body = fmt.Sprintf(`{"id":"e%d","time":%q}`, i, at)
		}
		m.append(event.Record{Stored: clock, Clock: clock, Lane: event.LaneEvent, Data: []byte(body)})
	}
	clock += 10_000 // and a cut behind them
	m.append(event.Record{Stored: clock, Clock: clock, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
}

// A partition that rests for longer than the stream keeps records loses nothing
// with its last record, and goes on.
func TestAPartitionMayRestForLongerThanTheStreamKeeps(t *testing.T) {
	config := smallConfig()
	m := newMemory()
	history(m, config, 79, 300, 10)
	if err := runUntilTaken(t, m, config, "before"); err != nil {
		t.Fatal(err)
	}
	m.removed = uint64(len(m.records))
	if err := runUntilTaken(t, m, config, "after"); err != nil {
		t.Fatal(err)
	}
	// But records that nobody has read may not go.
	history(m, config, 80, 50, 10)
	m.removed = uint64(len(m.records))
	if err := runUntilTaken(t, m, config, "late"); err == nil || !strings.Contains(err.Error(), "does not hold") {
		t.Errorf("got %v, want an error that says that records are missing", err)
	}
}

// So does one that is stopped while the snapshot that stands on its last record
// is still on its way into the store, whether that is the stream's last or not.
func TestAPartitionMayRestBehindASnapshotOnItsWay(t *testing.T) {
	for name, others := range map[string]int{"the last record": 0, "others behind it": 3} {
		t.Run(name, func(t *testing.T) {
			config := smallConfig()
			config.Partitions = 1 + min(others, 1)
			m := newMemory()
			record := event.Record{Stored: 1000, Clock: 1000, Control: event.ControlTick, Data: []byte("{}")}
			record.Lane = event.LaneHistory // a cut after it, and so a snapshot
			m.append(record)
			record.Lane, record.Partition = event.LaneControl, 1 // none after these
			for range others {
				m.append(record)
			}
			slow := time.Now().Add(50 * time.Millisecond)
			m.fault = func(operation string, after bool) error {
				if operation == "put" && !after && time.Now().Before(slow) {
					return errors.New("the store is slow")
				}

				return nil
			}
			if err := runUntilTaken(t, m, config, "before"); err != nil {
				t.Fatal(err)
			}
			m.removed = uint64(len(m.records))
			if err := runUntilTaken(t, m, config, "after"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// What a crash left in the store is removed at the next start.
func TestAStartSweepsTheSnapshots(t *testing.T) {
	config := smallConfig()
	m := newMemory()
	history(m, config, 83, 300, 10)
	if err := run(t, m, config, "before", 1); err != nil {
		t.Fatal(err)
	}
	m.snapshots["p.0.1.1"] = []byte("left over")
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "after", SnapshotInterval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	for there := true; there; time.Sleep(time.Millisecond) {
		m.mu.Lock()
		_, there = m.snapshots["p.0.1.1"]
		m.mu.Unlock()
		if ctx.Err() != nil {
			t.Fatal("it is still there")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
