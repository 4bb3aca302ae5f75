package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
)

// publishedOf are an output stream's messages of a partition, in order.
func publishedOf(m *memory, stream shard.Stream, partition int) []string {
	var all []string
	for _, s := range m.published(stream) {
		if s.partition == partition {
			all = append(all, fmt.Sprint(s.cut, s.Subject, s.Header, string(s.Data)))
		}
	}

	return all
}

// runTaken processes all records, waits until they are taken, and stops.
func runTaken(ctx context.Context, t *testing.T, m *memory, config meaning.Config, nonce string, snapshots time.Duration) error {
	t.Helper()
	instance, err := own.NewInstance(ctx, config, m.ports(), own.Options{Nonce: nonce, SnapshotInterval: snapshots})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	last := m.last(config.Partitions)
	for slices.ContainsFunc(instance.Progress(), func(p own.PartitionProgress) bool { return p.Taken < last[p.Partition] }) {
		select {
		case err := <-done:
			return err
		case <-time.After(time.Millisecond):
		}
	}
	cancel()

	return <-done
}

// An instance is started with one configuration after the other, and killed
// wherever something is written: nothing is lost, nothing is published twice, and
// what is published is what one shard that never stopped makes of the same stream,
// as the first configuration began it.
func TestChangesAtStartWithKills(t *testing.T) {
	for seed := range seeds(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m, config, random := newMemory(), liveConfig(), rand.New(rand.NewPCG(seed, 5))
			begun := config
			clock := livelyRecords(m, config, random, time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli(), 200, 40)
			crash := errors.New("killed")
			changes, kills := append([]reconfiguration{{"the first", func(*meaning.Config) {}}}, reconfigurations()...), 0
			for i, change := range changes {
				change.change(&config)
				for try := 0; ; try++ {
					left := random.IntN(60)
					ctx, kill := context.WithCancel(t.Context())
					m.fault = func(operation string, _ bool) error {
						if left--; left >= 0 || try == 2 {
							return nil
						}
						if operation == "announce" { // it would try again without end
							kill()
						}

						if operation == "add" {
							return crash
						}

						return fmt.Errorf("%w: %w", crash, own.ErrFenced)
					}
					err := runTaken(ctx, t, m, config, fmt.Sprint(i, "-", try), time.Duration(1+random.IntN(2)*int(time.Hour)))
					kill()
					if err == nil {
						break
					}
					if !errors.Is(err, crash) && !errors.Is(err, context.Canceled) {
						t.Fatalf("%s: %v", change.name, err)
					}
					kills++
				}
				m.fault = nil
				clock = livelyRecords(m, config, random, clock, 60, 40)
			}
			if len(m.configs) != len(changes) || kills == 0 {
				t.Fatalf("%d versions were made of %d changes, with %d kills", len(m.configs), len(changes), kills)
			}
			if err := runTaken(t.Context(), t, m, config, "end", 1); err != nil {
				t.Fatal(err)
			}
			for partition := range config.Partitions {
				sh, err := shard.NewShard(begun, partition)
				if err != nil {
					t.Fatal(err)
				}
				sh.BelongTo(memoryEra)
				sh.BeginAt(0, 1)
				var want [shard.Streams][]string
				for i := range m.records {
					if m.records[i].Partition != partition {
						continue
					}
					if err := sh.Process(&m.records[i], func(cut *shard.Cut) {
						for stream := range cut.Outputs {
							for _, message := range cut.Outputs[stream] {
								want[stream] = append(want[stream], fmt.Sprint(cut.Number, message.Subject, message.Header, string(message.Data)))
							}
						}
					}); err != nil {
						t.Fatal(err)
					}
				}
				if sh.Force().Version != uint64(len(changes)) {
					t.Errorf("version %d is in force in partition %d, want %d", sh.Force().Version, partition, len(changes))
				}
				for stream := range shard.Stream(shard.Streams) {
					if got := publishedOf(m, stream, partition); !slices.Equal(got, want[stream]) {
						t.Errorf("partition %d, %s: %d messages published, %d expected", partition, stream, len(got), len(want[stream]))
					}
				}
				if m.manifests[partition].Config != sh.Force() {
					t.Errorf("the manifest of partition %d says %+v, want %+v", partition, m.manifests[partition].Config, sh.Force())
				}
			}
		})
	}
}

// Whoever makes a version did not get to all partitions: the running instance
// sees to it.
func TestInstanceAnnouncesWhatOthersHaveMade(t *testing.T) {
	synctest.Test(t, instanceAnnouncesWhatOthersHaveMade)
}

func instanceAnnouncesWhatOthersHaveMade(t *testing.T) {
	m, config := newMemory(), liveConfig()
	var heard adoptions
	livelyRecords(m, config, rand.New(rand.NewPCG(1, 1)), 1_777_000_000_000, 100, 20)
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{
		Nonce: "a", ConfigEvery: 5 * time.Millisecond, Adopted: func(a own.Adopted) { heard.add(a) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	config.Skew = time.Minute
	adopted, err := own.Adopt(ctx, memoryConfigs{m}, config)
	if err != nil || adopted.KeptConfig.Version != 2 || len(adopted.Changes) != 1 {
		t.Fatalf("%+v, %v", adopted, err)
	}
	inForce := func() bool {
		return !slices.ContainsFunc(instance.Progress(), func(p own.PartitionProgress) bool { return p.Config.Version != 2 })
	}
	for !inForce() && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Errorf("version 2 is not in force everywhere: %+v", instance.Progress())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	// The first is the instance's own, the other came by somebody's hand.
	if len(heard.list) != 2 || heard.list[1].KeptConfig.Version != 2 || heard.list[1].From.Version != 1 || len(heard.list[1].Changes) != 1 {
		t.Errorf("the instance told of %+v", heard.list)
	}
}

// adoptions are what an instance told of.
type adoptions struct {
	mu   sync.Mutex
	list []own.Adopted
}

func (a *adoptions) add(adopted own.Adopted) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, adopted)
}

// What is fixed for the life of a stream is refused by name, before anything is
// claimed, and so is what no partition could take.
func TestAdoptRefuses(t *testing.T) {
	m, config := newMemory(), liveConfig()
	if err := runTaken(t.Context(), t, m, config, "a", 1); err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(m.manifests)
	for _, test := range []struct {
		change func(*meaning.Config)
		want   string
	}{
		{func(c *meaning.Config) { c.Holdout = 0.1 }, "churn.holdout is 0.1"},
		{func(c *meaning.Config) { c.Partitions = 4 }, "stream.partitions is 4"},
		{func(c *meaning.Config) { c.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "a"}} }, "give its kind"},
		{func(c *meaning.Config) {
			weight, no := 2.125, false
			for i := range vocabulary.MaxTypes - 200 {
				c.Vocabulary.Types = append(c.Vocabulary.Types, vocabulary.TypeConfig{
					Type: fmt.Sprintf("%0128d", i), Kind: "exposure", Channel: "whatsapp", Weight: &weight, Negative: &no, Ends: &no, Contacts: &no,
				})
			}
		}, "at most"},
	} {
		other := config
		test.change(&other)
		if err := runTaken(t.Context(), t, m, other, "b", 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want an error with %q", err, test.want)
		}
	}
	if len(m.configs) != 1 || !maps.Equal(before, m.manifests) {
		t.Errorf("%d versions were made", len(m.configs))
	}
	// Channels keep their places for ever, so names can be used up.
	var err error
	for i := 0; err == nil && i < 5; i++ {
		config.Vocabulary.Channels = nil
		for n := range 100 {
			config.Vocabulary.Channels = append(config.Vocabulary.Channels, fmt.Sprintf("c%d-%d", i, n))
		}
		_, err = own.Adopt(t.Context(), memoryConfigs{m}, config)
	}
	if err == nil || !strings.Contains(err.Error(), "names that were used before") {
		t.Errorf("channels without end: %v", err)
	}
}
