package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"ebb/pipeline"
	"ebb/pipeline/simulate"
)

type memoryFigures struct {
	Customer       float64 `json:"bytes_per_customer_1m"` // without the ring
	MemoryTotal    int64   `json:"memory_bytes_above_empty"`
	MemoryRing     int64   `json:"ring_bytes"`
	RingIdentities int     `json:"ring_identities"`
	RingEvent      float64 `json:"ring_bytes_per_event"` // of those within the lateness
	MemoryWindows  int64   `json:"windows_bytes"`
	MemoryEvents   int     `json:"memory_events_per_customer"`
	MemoryKnown    int     `json:"memory_customers"`
	MemoryMeans    string  `json:"memory_measured"` // "resident" or "go runtime"
}

// measureMemory runs memoryCommand in a fresh process.
func (c *runCommand) measureMemory(ctx context.Context, f *figures, say *progress) error {
	say.step("%d customers, %d events each over %d days of clock", c.Known, memoryRounds, memoryDays)
	f.memoryFigures = &memoryFigures{}

	return measureIn(ctx, say, f.memoryFigures, "memory", "--known="+strconv.Itoa(c.Known))
}

// memoryCommand fills the 16 shards of an instance with customers who each had
// 30 events in 28 days, and looks at how much memory the process takes more
// than before.
type memoryCommand struct {
	Known int `default:"1000000"`
}

const (
	memoryDays   = 28
	memoryRounds = 30 // events of each customer
)

// Run prints memoryFigures.
func (c *memoryCommand) Run(std streams) error {
	config := pipeline.DefaultConfig()
	shards := make([]*pipeline.Shard, config.Partitions)
	run := &memoryRun{shards: shards, known: uint64(c.Known)}
	step := memoryDays * 24 * time.Hour / time.Duration(memoryRounds*c.Known)
	run.traffic = simulate.NewTraffic(simulate.TrafficConfig{
		Seed: 1, Customers: c.Known, Rate: max(int(time.Second/step), 1), Start: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
	})

	before, means := memoryNow()
	for i := range shards {
		shard, err := pipeline.NewShard(config, i)
		if err != nil {
			return err
		}
		shards[i] = shard
	}
	for round := range uint64(memoryRounds) {
		if err := run.round(round); err != nil {
			return err
		}
		fmt.Fprintf(std.err, "\rmemory: %d of %d events a customer", round+1, memoryRounds)
	}
	fmt.Fprintln(std.err)
	after, _ := memoryNow()

	m, err := run.figures(after - before)
	if err != nil {
		return err
	}
	m.MemoryMeans = means

	return json.NewEncoder(std.out).Encode(m)
}

// memoryRun feeds the shards.
type memoryRun struct {
	shards   []*pipeline.Shard
	traffic  *simulate.Traffic
	known    uint64
	sequence uint64
	buffer   []byte
	id       []byte
}

// round gives every customer one event, in an order of its own.
func (r *memoryRun) round(round uint64) error {
	const prime = 2_147_483_647 // above known, so that steps of it pass every customer
	emit := func(*pipeline.Cut) {}
	for i := range r.known {
		customer := ((i+round*7919)%r.known*prime + round) % r.known
		clock := r.traffic.Clock()
		r.buffer = r.traffic.AppendEvent(r.buffer[:0], customer, clock-int64(i%3000))
		r.id = simulate.AppendCustomer(r.id[:0], customer)
		r.sequence++
		partition := pipeline.PartitionOf(r.id, len(r.shards))
		record := pipeline.Record{
			Sequence: r.sequence, Stored: clock, Clock: clock, Partition: partition, Data: r.buffer,
		}
		if err := r.shards[partition].Process(&record, emit); err != nil {
			return err
		}
	}

	return nil
}

func (r *memoryRun) figures(total int64) (memoryFigures, error) {
	m := memoryFigures{MemoryTotal: total, MemoryEvents: memoryRounds}
	var counts pipeline.Counts
	for _, shard := range r.shards {
		memory := shard.Memory()
		m.MemoryRing += memory.Ring
		m.RingIdentities += memory.Identities
		m.MemoryWindows += memory.Windows
		m.MemoryKnown += shard.Customers()
		counts.Add(shard.Counts())
	}
	if counts.Processed != r.known*memoryRounds {
		return m, fmt.Errorf("the load is meant to be clean, and the shards counted %+v", counts)
	}
	if m.MemoryKnown == 0 || m.RingIdentities == 0 {
		return m, errors.New("the shards hold nothing")
	}
	m.Customer = float64(total-m.MemoryRing) / float64(m.MemoryKnown)
	m.RingEvent = float64(m.MemoryRing) / float64(m.RingIdentities)

	return m, nil
}

// memoryNow is the memory of this process once the garbage is gone.
func memoryNow() (bytes int64, means string) {
	runtime.GC()
	debug.FreeOSMemory()
	if rss, ok := resident(); ok {
		return rss, "resident"
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)

	return int64(stats.Sys - stats.HeapReleased), "go runtime"
}
