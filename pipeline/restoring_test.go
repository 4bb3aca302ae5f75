package pipeline_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// restoring hears how many partitions are back.
type restoring struct {
	mu      sync.Mutex
	done    []int
	of      int
	retried []error
}

func (*restoring) Committed(*shard.Cut, int) {}

func (r *restoring) Retried(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retried = append(r.retried, err)
}

func (r *restoring) Restoring(done, of int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done, r.of = append(r.done, done), of
}

// crowded counts how many snapshots are read at once.
type crowded struct {
	own.Snapshots
	mu        sync.Mutex
	now, most int
}

func (c *crowded) Get(ctx context.Context, name string) ([]byte, error) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	time.Sleep(5 * time.Millisecond)
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()

	return c.Snapshots.Get(ctx, name)
}

// Whoever waits for a start hears how far it is, and few snapshots are read at
// once.
func TestPartitionsComeBackAFewAtATime(t *testing.T) { synctest.Test(t, partitionsComeBackAFewAtATime) }

func partitionsComeBackAFewAtATime(t *testing.T) {
	m, config := newMemory(), smallConfig()
	config.Partitions = 12
	history(m, config, 5, 600, 40)
	if err := run(t, m, config, "before", 1); err != nil {
		t.Fatal(err)
	}
	ports, heard := m.ports(), &restoring{}
	crowd := &crowded{Snapshots: ports.Snapshots}
	ports.Snapshots = crowd
	if _, err := own.NewInstance(t.Context(), config, ports, own.Options{Nonce: "after", Observer: heard}); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; !slices.Equal(heard.done, want) || heard.of != 12 {
		t.Errorf("heard %v of %d, want %v of 12", heard.done, heard.of, want)
	}
	if crowd.most != 4 { // each takes 5 ms, in which all others begin that may
		t.Errorf("%d snapshots were read at once, want 4", crowd.most)
	}
}
