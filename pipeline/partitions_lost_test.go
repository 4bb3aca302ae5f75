package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Another instance takes one partition. Whoever had it gives it up and goes on with
// the others; it notices at once that a second one, which is idle, is gone as well.
func TestLosingOnePartitionLeavesTheOthers(t *testing.T) {
	const seed, events = 57, 1200
	config := smallConfig()
	m := newMemory()
	load := pieces(config, seed, events, 3)
	first := begin(t, m.ports(), config, "first")
	m.append(load[0]...)
	first.commits(t, m, config)
	second := begin(t, m.ports(), config, "second", 1, 2)
	m.append(slices.DeleteFunc(slices.Clone(load[1]), func(r event.Record) bool { return r.Partition == 2 })...)
	eventually(t, "the first runs partition 0 alone", func() bool { return slices.Equal(first.partitions(), []int{0}) })
	m.append(slices.DeleteFunc(slices.Clone(load[1]), func(r event.Record) bool { return r.Partition != 2 })...)
	m.append(load[2]...)
	first.commits(t, m, config)
	second.commits(t, m, config)
	m.mu.Lock()
	owners := fmt.Sprint(m.manifests[0].Owner, ", ", m.manifests[1].Owner, ", ", m.manifests[2].Owner)
	m.mu.Unlock()
	if owners != "host first, host second, host second" {
		t.Errorf("owners %s", owners)
	}
	first.end(t)
	second.end(t)
	calm := newMemory()
	calm.append(m.records...)
	if err := run(t, calm, config, "calm", time.Hour); err != nil {
		t.Fatal(err)
	}
	sameOutputs(t, calm, m, config)
	slices.Sort(first.lost)
	if !slices.Equal(first.lost, []int{1, 2}) || len(second.lost) > 0 {
		t.Errorf("lost %v and %v, want 1 and 2, and nothing", first.lost, second.lost)
	}
}

// Two instances run a part each. One is killed, and the other starts what it had.
func TestTwoInstancesRunAPartEach(t *testing.T) {
	const seed, events = 59, 1500
	config := smallConfig()
	config.Partitions = 4
	calm := calmly(t, config, seed, events)
	for dies := range 4 {
		m := newMemory()
		load := pieces(config, seed, events, 3)
		dying := m.ports()
		dead := make(chan struct{})
		outputs := &mortal{Outputs: dying.Outputs, left: 5 * dies, dead: dead}
		dying.Outputs, dying.Manifests = outputs, mortalManifests{dying.Manifests, dead}
		m.append(load[0]...)
		first := begin(t, m.ports(), config, "first", 3, 0)
		second := begin(t, dying, config, "second", 1, 2)
		m.append(load[1]...)
		<-dead
		for _, partition := range []int{1, 2} {
			if err := first.Start(t.Context(), partition); err != nil {
				t.Fatal(err)
			}
		}
		m.append(load[2]...)
		first.commits(t, m, config)
		first.end(t)
		second.stop()
		sameOutputs(t, calm, m, config)
	}
}

// mortal stores some batches and then nothing any more, as a killed process.
type mortal struct {
	own.Outputs
	mu   sync.Mutex
	left int
	dead chan struct{}
}

func (o *mortal) Publish(ctx context.Context, stream shard.Stream, partition int, last uint64, messages []shard.Message, marker own.Marker) (uint64, error) {
	o.mu.Lock()
	o.left--
	left := o.left
	if left == -1 {
		close(o.dead)
	}
	o.mu.Unlock()
	if left < 0 {
		<-ctx.Done()

		return 0, context.Cause(ctx)
	}

	return o.Outputs.Publish(ctx, stream, partition, last, messages, marker)
}

type mortalManifests struct {
	own.Manifests
	dead chan struct{}
}

func (m mortalManifests) Save(ctx context.Context, manifest own.Manifest, revision uint64) (uint64, error) {
	select {
	case <-m.dead:
		<-ctx.Done()

		return 0, context.Cause(ctx)
	default:
		return m.Manifests.Save(ctx, manifest, revision)
	}
}

// An instance that has nothing to store notices all the same that another has taken
// its partitions over, and ends.
func TestIdleInstanceNoticesThatItHasNothingLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, config := newMemory(), smallConfig()
		instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "first"})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- instance.Run(t.Context()) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("ended with %v, while nobody has taken anything", err)
		default:
		}
		if _, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "second"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		select {
		case err := <-done:
			if !errors.Is(err, own.ErrFenced) {
				t.Errorf("ended with %v, want ErrFenced", err)
			}
		default:
			t.Error("it does not notice")
		}
	})
}

// Who waits for commits is told where partitions are lost meanwhile, be it one or all,
// or are all stopped: nobody here knows then what was committed.
func TestWhoWaitsForCommitsIsToldOfLostPartitions(t *testing.T) {
	for what, lose := range map[string]func(t *testing.T, m *memory, config meaning.Config, first *own.Instance){
		"one is lost": func(t *testing.T, m *memory, config meaning.Config, _ *own.Instance) {
			t.Helper()
			if _, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "second", Partitions: []int{1}}); err != nil {
				t.Fatal(err)
			}
		},
		"all are lost": func(t *testing.T, m *memory, config meaning.Config, _ *own.Instance) {
			t.Helper()
			if _, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "second"}); err != nil {
				t.Fatal(err)
			}
		},
		"all are stopped": func(t *testing.T, _ *memory, config meaning.Config, first *own.Instance) {
			t.Helper()
			for partition := range config.Partitions {
				if err := first.Stop(t.Context(), partition); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, config := newMemory(), smallConfig()
				ctx, cancel := context.WithCancel(t.Context())
				first, err := own.NewInstance(ctx, config, m.ports(), own.Options{Nonce: "first"})
				if err != nil {
					t.Fatal(err)
				}
				done, waited := make(chan error, 1), make(chan error, 1)
				go func() { done <- first.Run(ctx) }()
				go func() {
					waited <- first.WaitCommitted(ctx, slices.Repeat([]uint64{1 << 40}, config.Partitions))
				}()
				time.Sleep(time.Second)
				select {
				case err := <-waited:
					t.Errorf("waited for nothing: %v", err)
				default:
				}
				lose(t, m, config, first)
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				select {
				case err := <-waited:
					if !errors.Is(err, own.ErrNotHere) {
						t.Errorf("waited with %v, want ErrNotHere", err)
					}
				default:
					t.Error("it waits for a commit that another may make")
				}
				if err := first.WaitCommitted(ctx, make([]uint64, config.Partitions)); what != "one is lost" && !errors.Is(err, own.ErrNotHere) {
					t.Errorf("with nothing left: %v, want ErrNotHere", err)
				}
				cancel()
				if err := <-done; err != nil && !errors.Is(err, own.ErrFenced) {
					t.Error(err)
				}
			})
		})
	}
}
