package pipeline_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
)

// running is an instance that a test runs.
type running struct {
	*own.Instance
	stop context.CancelFunc
	done chan error

	mu   sync.Mutex
	lost []int
}

// begin runs an instance until the test ends, or stop.
func begin(t *testing.T, ports own.Ports, config meaning.Config, nonce string, partitions ...int) *running {
	t.Helper()
	r := &running{done: make(chan error, 1)}
	options := own.Options{Nonce: nonce, Name: "host " + nonce, SnapshotInterval: time.Hour, Lost: func(partition int, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !errors.Is(err, own.ErrFenced) {
			t.Errorf("partition %d was lost by %v", partition, err)
		}
		r.lost = append(r.lost, partition)
	}}
	if len(partitions) > 0 {
		options.Partitions = partitions
	}
	instance, err := own.NewInstance(t.Context(), config, ports, options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	r.Instance, r.stop = instance, cancel
	go func() { r.done <- instance.Run(ctx) }()
	t.Cleanup(cancel)

	return r
}

// end stops the instance, which has to go well.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		t.Error(err)
	}
}

// commits waits until the partitions that run here have committed all of m.
func (r *running) commits(t *testing.T, m *memory, config meaning.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	waited := make(chan error, 1)
	go func() { waited <- r.WaitCommitted(ctx, m.last(config.Partitions)) }()
	select {
	case err := <-waited:
		if err != nil {
			t.Fatalf("not everything is committed: %v; %+v", err, r.Progress())
		}
	case err := <-r.done:
		t.Fatalf("the instance ended: %v", err)
	}
}

func (r *running) partitions() (here []int) {
	for _, p := range r.Progress() {
		here = append(here, p.Partition)
	}

	return here
}

// pieces are the records of a history in so many parts, each of which ends with a
// tick of all partitions, and so with a cut.
func pieces(config meaning.Config, seed uint64, n, parts int) (all [][]event.Record) {
	whole := newMemory()
	history(whole, config, seed, n, 25)
	var ends []int
	for i, record := range whole.records {
		if record.Control == event.ControlTick && record.Partition == config.Partitions-1 {
			ends = append(ends, i+1)
		}
	}
	from := 0
	for part := range parts {
		end := ends[(part+1)*len(ends)/parts-1]
		all = append(all, whole.records[from:end])
		from = end
	}

	return all
}

// calmly is what an undisturbed instance makes of a history.
func calmly(t *testing.T, config meaning.Config, seed uint64, n int) *memory {
	t.Helper()
	calm := newMemory()
	history(calm, config, seed, n, 25)
	if err := run(t, calm, config, "calm", time.Hour); err != nil {
		t.Fatal(err)
	}

	return calm
}

// patience is how long tests wait for what has to come, also on a machine that has much
// else to do.
const patience = 2 * time.Minute

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in %s: %s", patience, what)
		}
	}
}
