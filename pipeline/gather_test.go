package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// The tests of this file run on a clock of their own: an owner waits for seconds for
// more to gather, which nobody has to wait for here.

// asking is a memory with a history whose ticks ask the coordinator, and all that
// its partitions have to publish, in order.
func asking(t *testing.T, config meaning.Config, seed uint64, n int) (m *memory, want map[shard.Stream][][]shard.Message) {
	t.Helper()
	m = newMemory()
	history(m, config, seed, n, 25)
	question := uint64(0)
	want = make(map[shard.Stream][][]shard.Message)
	for stream := range shard.Stream(shard.Streams) {
		want[stream] = make([][]shard.Message, config.Partitions)
	}
	shards := make([]*shard.Shard, config.Partitions)
	for i := range shards {
		sh, err := shard.NewShard(config, i)
		if err != nil {
			t.Fatal(err)
		}
		sh.BelongTo(memoryEra)
		shards[i] = sh
	}
	for i := range m.records {
		record := &m.records[i]
		if record.Control == event.ControlTick {
			if record.Partition == 0 {
				question++
			}
			record.Data, _ = json.Marshal(fact.TickMark{Coordinate: question})
		}
		err := shards[record.Partition].Process(record, func(cut *shard.Cut) {
			for stream, messages := range cut.Outputs {
				of := want[shard.Stream(stream)]
				of[record.Partition] = append(of[record.Partition], messages...)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	return m, want
}

func publishedOnce(t *testing.T, m *memory, config meaning.Config, want map[shard.Stream][][]shard.Message) {
	t.Helper()
	for stream := range shard.Stream(shard.Streams) {
		for partition := range config.Partitions {
			got := ofPartition(m.published(stream), partition)
			if len(got) != len(want[stream][partition]) {
				t.Fatalf("%s of partition %d: %d messages, want %d", stream, partition, len(got), len(want[stream][partition]))
			}
			for i, message := range want[stream][partition] {
				if got[i].Subject != message.Subject || !bytes.Equal(got[i].Data, message.Data) {
					t.Fatalf("%s of partition %d, message %d:\n got %s %s\nwant %s %s",
						stream, partition, i, got[i].Subject, got[i].Data, message.Subject, message.Data)
				}
			}
		}
	}
}

// batches counts what is published by stream.
type batches struct {
	own.Outputs
	mu    sync.Mutex
	count [shard.Streams]int
}

func (b *batches) Publish(
	ctx context.Context, stream shard.Stream, partition int, last uint64, messages []shard.Message, marker own.Marker,
) (uint64, error) {
	b.mu.Lock()
	b.count[stream]++
	b.mu.Unlock()

	return b.Outputs.Publish(ctx, stream, partition, last, messages, marker)
}

// What an import's questions bring about is published in fewer batches than there
// are cuts, but for the statistics, and it is what each cut would publish alone.
func TestCutsOfQuestionsShareBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := smallConfig()
		m, want := asking(t, config, 61, 4000)
		ports := m.ports()
		counted := &batches{Outputs: ports.Outputs}
		ports.Outputs = counted
		r := begin(t, ports, config, "one")
		r.commits(t, m, config)
		r.end(t)
		publishedOnce(t, m, config, want)
		questions := 0
		for _, messages := range want[shard.Statistics] {
			questions += len(messages)
		}
		if counted.count[shard.Statistics] != questions || counted.count[shard.Rollups] >= questions*3/4 {
			t.Errorf("%d questions made %d batches of statistics and %d of rollups; want one each, and fewer",
				questions, counted.count[shard.Statistics], counted.count[shard.Rollups])
		}
	})
}

// Writes fail with and without being done, also in the middle of what was gathered,
// and every message is there once, in order.
func TestGatheredCutsThroughUnknownOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := smallConfig()
		for seed := range seeds(4) {
			m, want := asking(t, config, 67, 1500)
			random := rand.New(rand.NewPCG(seed, 4))
			m.fault = func(operation string, _ bool) error {
				if operation != "load" && operation != "marker" && random.IntN(12) == 0 {
					return errors.New("no answer")
				}

				return nil
			}
			if err := run(t, m, config, "troubled", time.Hour); err != nil {
				t.Fatal(err)
			}
			publishedOnce(t, m, config, want)
		}
	})
}

// An owner that is taken over stores what it had gathered, late: the next one stores
// the rest of it alone.
func TestGatheredCutsThroughATakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := smallConfig()
		m, want := asking(t, config, 71, 1500)
		takenOver(t, m, config)
		publishedOnce(t, m, config, want)
	})
}

// forgetful keeps no manifest of a cut.
type forgetful struct{ own.Manifests }

func (f forgetful) Save(ctx context.Context, manifest own.Manifest, revision uint64) (uint64, error) {
	if manifest.Cut > 0 {
		return 0, errors.New("no answer")
	}

	return f.Manifests.Save(ctx, manifest, revision)
}

// An owner dies behind a batch of some cuts, and before the manifest says so. The
// next one gathers these and others, and stores the others alone.
func TestGatheredCutsOfWhichSomeAreStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := smallConfig()
		m, want := asking(t, config, 73, 4000)
		all, asked := m.records, 0
		for i := range all {
			if all[i].Control == event.ControlTick && all[i].Partition == config.Partitions-1 {
				if asked++; asked == 3 {
					m.records = all[:i+1]

					break
				}
			}
		}
		ports := m.ports()
		ports.Manifests = forgetful{ports.Manifests}
		first, err := own.NewInstance(t.Context(), config, ports, own.Options{Nonce: "first", StopTimeout: 10 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		ended := make(chan error, 1)
		go func() { ended <- first.Run(ctx) }()
		eventually(t, "every partition has stored a batch", func() bool {
			m.mu.Lock()
			defer m.mu.Unlock()

			return len(m.markers[shard.Rollups]) == config.Partitions
		})
		stop()
		if err := <-ended; !errors.Is(err, own.ErrStopTimeout) {
			t.Fatalf("the first owner ended with %v, want ErrStopTimeout", err)
		}
		m.records = all
		if err := run(t, m, config, "second", time.Hour); err != nil {
			t.Fatal(err)
		}
		publishedOnce(t, m, config, want)
	})
}
