package pipeline_test

import (
	"context"
	"sync"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// gated is a store of outputs that one partition can't reach until it is opened.
type gated struct {
	own.Outputs
	partition int
	open      chan struct{}
}

func (g *gated) Publish(ctx context.Context, stream shard.Stream, partition int, last uint64, messages []shard.Message, marker own.Marker) (uint64, error) {
	if partition == g.partition {
		select {
		case <-g.open:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}

	return g.Outputs.Publish(ctx, stream, partition, last, messages, marker)
}

// countedInput counts what is read of single partitions.
type countedInput struct {
	*memory
	mu   sync.Mutex
	read map[int]int
}

func (c *countedInput) ReadPartition(ctx context.Context, partition int, sequence uint64, take func([]event.Record, uint64) error) error {
	return c.memory.ReadPartition(ctx, partition, sequence, func(records []event.Record, left uint64) error {
		c.mu.Lock()
		c.read[partition] += len(records)
		c.mu.Unlock()

		return take(records, left)
	})
}

// One partition can't store its outputs. The others commit everything, what waits
// for that one in memory is bounded, and once it can it loses nothing.
func TestBlockedPartitionHoldsUpNobody(t *testing.T) {
	const seed, events = 53, 9000
	config := smallConfig()
	calm := calmly(t, config, seed, events)
	m := newMemory()
	input := &countedInput{memory: m, read: map[int]int{}}
	ports := m.ports()
	gate := &gated{Outputs: ports.Outputs, partition: 1, open: make(chan struct{})}
	ports.Input, ports.Outputs = input, gate
	history(m, config, seed, events, 25)
	r := begin(t, ports, config, "one")
	last := m.last(config.Partitions)
	last[1] = 0
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.WaitCommitted(ctx, last); err != nil {
		t.Fatalf("the others are held up: %v; %+v", err, r.Progress())
	}
	blocked := r.Progress()[1]
	input.mu.Lock()
	read := input.read[1]
	input.mu.Unlock()
	if !blocked.Alone || blocked.Parted != 1 || blocked.Taken > uint64(len(m.records)/2) || read > 0 {
		t.Errorf("the blocked partition has %d records read for it, and stands at %+v", read, blocked)
	}
	close(gate.open)
	r.commits(t, m, config)
	for _, p := range r.Progress() {
		if p.Alone {
			t.Errorf("partition %d has not come back to the others", p.Partition)
		}
	}
	r.end(t)
	sameOutputs(t, calm, m, config)
}
