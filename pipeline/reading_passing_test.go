package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

var (
	errAway = errors.New("the server is away")
	errGone = errors.New("the stream is gone")
)

// breakingInput breaks off the reading of a partition alone, after so many records
// each time, as often as it has errors.
type breakingInput struct {
	*memory
	mu    sync.Mutex
	fails []error
	after int
	from  []uint64 // where the reading began, by try
}

func (b *breakingInput) Passing(err error) bool { return errors.Is(err, errAway) }

func (b *breakingInput) ReadPartition(ctx context.Context, partition int, sequence uint64, take func([]event.Record, uint64) error) error {
	b.mu.Lock()
	var fails error
	if len(b.fails) > 0 {
		fails, b.fails = b.fails[0], b.fails[1:]
	}
	b.from = append(b.from, sequence)
	b.mu.Unlock()
	left := b.after
	err := b.memory.ReadPartition(ctx, partition, sequence, func(records []event.Record, more uint64) error {
		if fails != nil && len(records) > left {
			if left > 0 {
				if err := take(records[:left], more+uint64(len(records)-left)); err != nil {
					return err
				}
			}

			return fmt.Errorf("read: %w", fails)
		}
		left -= len(records)

		return take(records, more)
	})

	return err
}

// retriesHeard hears what was tried again.
type retriesHeard struct {
	mu   sync.Mutex
	errs []error
}

func (r *retriesHeard) Committed(*shard.Cut, int) {}
func (r *retriesHeard) Restoring(int, int)        {}

func (r *retriesHeard) Retried(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// alone runs an instance in which partition 1 was stopped and is started again when
// there is a backlog that it reads alone, over an input that breaks off.
func alone(t *testing.T, m *memory, input *breakingInput, heard *retriesHeard, load [][]event.Record) (*own.Instance, context.CancelFunc, chan error) {
	t.Helper()
	ports := m.ports()
	ports.Input = input
	instance, err := own.NewInstance(t.Context(), smallConfig(), ports, own.Options{Nonce: "one", SnapshotInterval: time.Hour, Observer: heard})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	m.append(load[0]...)
	if err := instance.WaitCommitted(ctx, m.last(smallConfig().Partitions)); err != nil {
		t.Fatal(err)
	}
	if err := instance.Stop(ctx, 1); err != nil {
		t.Fatal(err)
	}
	m.append(load[1]...)
	if err := instance.Start(ctx, 1); err != nil {
		t.Fatal(err)
	}

	return instance, cancel, done
}

// Who reads a partition alone tries again when the server was away, from the record
// after the last that came, and loses and doubles nothing.
func TestReadingAlonePassesOverFailures(t *testing.T) {
	const seed, events = 83, 3000
	config := smallConfig()
	m, heard := newMemory(), new(retriesHeard)
	input := &breakingInput{memory: m, after: 50, fails: []error{errAway, errAway, errAway, errAway}}
	instance, cancel, done := alone(t, m, input, heard, pieces(config, seed, events, 2))
	ctx, timeout := context.WithTimeout(t.Context(), patience)
	defer timeout()
	if err := instance.WaitCommitted(ctx, m.last(config.Partitions)); err != nil {
		t.Fatalf("%v; %+v", err, instance.Progress())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	sameOutputs(t, calmly(t, config, seed, events), m, config)

	input.mu.Lock()
	defer input.mu.Unlock()
	if len(input.fails) > 0 || len(input.from) < 5 {
		t.Fatalf("%d failures never came in %d tries", len(input.fails), len(input.from))
	}
	for i, from := range input.from[1:5] {
		if from <= input.from[i] {
			t.Errorf("try %d begins at record %d, and the one before had taken 50 from %d on", i+2, from, input.from[i])
		}
	}
	heard.mu.Lock()
	defer heard.mu.Unlock()
	if len(heard.errs) != 4 {
		t.Fatalf("%d failures were told, want 4: %v", len(heard.errs), heard.errs)
	}
	for i, err := range heard.errs {
		if text := fmt.Sprintf("read partition 1 from record %d: ", input.from[i+1]); !errors.Is(err, errAway) || !strings.HasPrefix(err.Error(), text) {
			t.Errorf("told %v, want %s…", err, text)
		}
	}
}

// A failure that does not pass ends the instance, and says where.
func TestReadingAloneEndsWhereItCannotGoOn(t *testing.T) {
	const seed, events = 83, 900
	m, heard := newMemory(), new(retriesHeard)
	input := &breakingInput{memory: m, after: 5, fails: []error{errAway, errGone}}
	_, _, done := alone(t, m, input, heard, pieces(smallConfig(), seed, events, 2))
	if err := <-done; !errors.Is(err, errGone) || !strings.Contains(err.Error(), "read partition 1 from record ") {
		t.Errorf("the run ended with %v, want the stream gone", err)
	}
	if len(heard.errs) != 1 || !errors.Is(heard.errs[0], errAway) {
		t.Errorf("told %v, want the one that passed", heard.errs)
	}
}
