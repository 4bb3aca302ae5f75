package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// history appends an import of n events of so many customers to m: a start
// mark, rows with ticks, and the coordinator's answers, as ebb replay would.
func history(m *memory, config meaning.Config, seed uint64, n, customers int) {
	random := rand.New(rand.NewPCG(seed, 1))
	clock := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	everywhere := func(control event.Control, lane event.Lane, body any) {
		data, _ := json.Marshal(body)
		for partition := range config.Partitions {
			m.append(event.Record{Stored: clock, Clock: clock, Partition: partition, Lane: lane, Control: control, Data: data})
		}
	}
	everywhere(event.ControlStart, event.LaneHistory, fact.StartMark{Import: "i1", Source: "test"})
	types := []string{"page.viewed", "email.clicked", "order.completed", "message.sent", "strange.thing"}
	ids := []string{}
	for i := range n {
		clock += random.Int64N(4 * 60_000)
		if random.IntN(200) == 0 {
			clock += random.Int64N(24 * 3600_000)
		}
		at := clock - random.Int64N(15*60_000) // some beyond the lateness of 10 minutes
		customer := fmt.Sprintf("c%d", random.IntN(customers))
		if random.IntN(10) == 0 {
			at = clock
		}
		body := fmt.Sprintf(`{"id":"e%d","time":%q,"customer":%q,"type":%q,"value":%d.5,"currency":"EUR"}`,
			i, time.UnixMilli(at).UTC().Format("2006-01-02T15:04:05.000Z"), customer, types[random.IntN(len(types))], i%7)
		switch random.IntN(40) {
		case 0:
			body = `{"id":`
		case 1:
			if len(ids) > 0 {
				body = ids[len(ids)-1] // a duplicate, or late by now
			}
		}
		ids = append(ids, body)
		m.append(event.Record{
			Stored: clock, Clock: clock, Lane: event.LaneHistory,
			Partition: event.PartitionOf([]byte(customer), config.Partitions), Data: []byte(body),
		})
		if i%200 == 199 || i == n-1 {
			everywhere(event.ControlTick, event.LaneHistory, fact.TickMark{})
		}
	}
}

func smallConfig() meaning.Config {
	config := meaning.DefaultConfig()
	config.Partitions = 3
	config.CutRecords = 150
	config.Churn.Horizon = (6 * time.Hour).Milliseconds()

	return config
}

// run processes all records and stops. It returns how the instance ended.
func run(t *testing.T, m *memory, config meaning.Config, nonce string, snapshots time.Duration) error {
	t.Helper()

	return runTo(t, m, config, nonce, snapshots, m.last(config.Partitions))
}

// runTo stops where these records are committed.
func runTo(t *testing.T, m *memory, config meaning.Config, nonce string, snapshots time.Duration, last []uint64) error {
	t.Helper()
	instance, err := own.NewInstance(t.Context(), config, m.ports(),
		own.Options{Nonce: nonce, SnapshotInterval: snapshots})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	waited := make(chan error, 1)
	go func() { waited <- instance.WaitCommitted(ctx, last) }()
	select {
	case err := <-done:
		return err
	case err := <-waited:
		cancel()

		return errors.Join(err, <-done)
	}
}

func TestEventsCountOnce(t *testing.T) {
	m, config := newMemory(), smallConfig()
	history(m, config, 7, 3000, 40)
	if err := run(t, m, config, "a", 1); err != nil {
		t.Fatal(err)
	}
	got := counts(t, m, config)
	if sum := got.Processed + got.Duplicates + got.DeadLetters + got.LateDropped; sum != 3000 {
		t.Errorf("the counts %+v sum up to %d, want 3000", got, sum)
	}
	if got.Duplicates == 0 || got.DeadLetters == 0 || got.LateDropped == 0 || got.Raised == 0 || got.Cleared == 0 {
		t.Errorf("the counts %+v leave something untried", got)
	}
	if letters := len(m.published(shard.DeadLetters)); letters != int(got.DeadLetters) {
		t.Errorf("%d dead letters published, %d counted", letters, got.DeadLetters)
	}
}

// counts restores all shards and sums up their counts.
func counts(t *testing.T, m *memory, config meaning.Config) shard.Counts {
	t.Helper()
	var sum shard.Counts
	for partition := range config.Partitions {
		manifest := m.manifests[partition]
		sh, err := shard.RestoreShard(config, partition, m.snapshots[manifest.Snapshot])
		if err != nil {
			t.Fatal(err)
		}
		sum.Add(sh.Counts())
	}

	return sum
}

// A crash at any write, before or after it took effect, leaves the same
// outputs as an undisturbed run, each published once.
func TestCrashAnywhere(t *testing.T) {
	config := smallConfig()
	calm := newMemory()
	history(calm, config, 11, 900, 25)
	if err := run(t, calm, config, "calm", 1); err != nil {
		t.Fatal(err)
	}
	for seed := range seeds(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			history(m, config, 11, 900, 25)
			random := rand.New(rand.NewPCG(seed, 3))
			for life := range 100 {
				crash := &crasher{left: 20 + random.IntN(60)}
				m.fault = crash.fault
				every := []time.Duration{1, time.Hour}[random.IntN(2)]
				if run(t, m, config, fmt.Sprint("life", life), every) == nil {
					sameOutputs(t, calm, m, config)

					return
				}
			}
			t.Fatal("it never came to an end")
		})
	}
}

// crasher lets some operations through, then fails one, before or after it
// took effect, and all that follow. They fail as if fenced, because that is
// what ends an instance at once, as a killed process would.
type crasher struct{ left int }

func (c *crasher) fault(string, bool) error {
	c.left--
	if c.left > 0 {
		return nil
	}

	return fmt.Errorf("crash: %w", own.ErrFenced)
}

// sameOutputs compares every stream of every partition, message by message.
func sameOutputs(t *testing.T, want, got *memory, config meaning.Config) {
	t.Helper()
	for stream := range shard.Stream(shard.Streams) {
		for partition := range config.Partitions {
			a, b := ofPartition(want.published(stream), partition), ofPartition(got.published(stream), partition)
			if len(a) != len(b) {
				t.Fatalf("%s of partition %d: %d messages, want %d", stream, partition, len(b), len(a))
			}
			for i := range a {
				if a[i].Subject != b[i].Subject || !bytes.Equal(a[i].Data, b[i].Data) || a[i].cut != b[i].cut {
					t.Fatalf("%s of partition %d, message %d:\n got %s %s\nwant %s %s",
						stream, partition, i, b[i].Subject, b[i].Data, a[i].Subject, a[i].Data)
				}
			}
		}
	}
}

func ofPartition(messages []stored, partition int) []stored {
	var own []stored
	for _, message := range messages {
		if message.partition == partition {
			own = append(own, message)
		}
	}

	return own
}
