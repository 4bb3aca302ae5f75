package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
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
	known := c.memoryCustomers(f.shardFigures)
	if known < c.Known {
		say.step("this machine is slow now; measuring fewer customers")
	}
	say.step("%d customers, %d events each over %d days of clock", known, memoryRounds, memoryDays)
	f.memoryFigures = &memoryFigures{}

	args := []string{"memory", "--known=" + strconv.Itoa(known), c.argument()}
	if c.Profile {
		args = append(args, "--profile="+filepath.Join(c.Folder, "memory.pprof"))
	}

	return measureIn(ctx, say, f.memoryFigures, args...)
}

// memoryCustomers is as many as the budget has time for, by what the shard
// managed just before; all of them if that was not measured.
func (c *runCommand) memoryCustomers(shard *shardFigures) int {
	if shard == nil {
		return c.Known
	}
	most := int(shard.Shard * c.Budget.Seconds() / 4 / memoryRounds)

	return min(c.Known, max(most/1000*1000, 1000))
}

// memoryCommand fills the 16 shards of an instance with customers who each had
// 30 events in 28 days, and looks at how much memory the process takes more
// than before.
type memoryCommand struct {
	Known   int    `default:"1000000"`
	Days    uint64 `default:"28"`
	Profile string `type:"path"`

	counted
}

const (
	memoryDays   = 28
	memoryRounds = 30 // events of each customer
	memoryHours  = 8  // of a day in which they come
)

// Run prints memoryFigures.
func (c *memoryCommand) Run(ctx context.Context, std streams) error {
	stopProfile, err := startProfile(c.Profile)
	if err != nil {
		return err
	}
	config := c.config()
	// What a shard holds depends on neither, and a cut a second and statistics
	// every ten minutes would be most of the time that four weeks take.
	config.CutInterval = 10 * time.Second
	config.CoordinateInterval = 24 * time.Hour
	say := newProgress(std.err).part("memory")

	before, means := memoryNow()
	shards := make([]*shard.Shard, config.Partitions)
	for i := range shards {
		if shards[i], err = shard.NewShard(config, i); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	workers := min(runtime.GOMAXPROCS(0), len(shards))
	for worker := range workers {
		group.Go(func() error {
			run := newMemoryRun(shards, worker, workers, uint64(c.Known), c.Days)
			for round := range uint64(memoryRounds) {
				if err := run.round(ctx, round); err != nil {
					return err
				}
				if worker == 0 && (round+1)%(memoryRounds/3) == 0 {
					say.step("%d of %d events a customer", round+1, memoryRounds)
				}
			}

			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	after, _ := memoryNow()

	m, err := memoryOf(shards, uint64(c.Known), after-before)
	if err != nil {
		return err
	}
	m.MemoryMeans = means
	if err := stopProfile(); err != nil {
		return err
	}

	return json.NewEncoder(std.out).Encode(m)
}

// memoryRun feeds every so-manieth shard with the events of its customers.
type memoryRun struct {
	shards   []*shard.Shard
	worker   int
	workers  int
	traffic  *simulate.Traffic
	known    uint64
	days     uint64
	sequence uint64
	buffer   []byte
	id       []byte
}

func newMemoryRun(shards []*shard.Shard, worker, workers int, known, days uint64) *memoryRun {
	return &memoryRun{
		shards: shards, worker: worker, workers: workers, known: known, days: days,
		traffic: simulate.NewTraffic(simulate.TrafficConfig{
			Seed: uint64(worker), Customers: int(known), Rate: 1, Start: memoryStart(),
		}),
	}
}

func memoryStart() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }

// memoryClock is the time of event n of all: they are evenly spread over the
// hours of the days.
func memoryClock(n, all, days uint64) int64 {
	const hour = uint64(time.Hour / time.Millisecond)
	at := n * (days * memoryHours * hour) / all
	day, within := at/(memoryHours*hour), at%(memoryHours*hour)

	return memoryStart().UnixMilli() + int64(day*24*hour+within)
}

// round gives every customer one event, in an order of its own.
func (r *memoryRun) round(ctx context.Context, round uint64) error {
	const prime = 2_147_483_647 // above known, so that steps of it pass every customer
	emit := func(*shard.Cut) {}
	for i := range r.known {
		if i%(1<<16) == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.sequence++
		customer := ((i+round*7919)%r.known*prime + round) % r.known
		r.id = simulate.AppendCustomer(r.id[:0], customer)
		partition := event.PartitionOf(r.id, len(r.shards))
		if partition%r.workers != r.worker {
			continue
		}
		clock := memoryClock(r.sequence, r.known*memoryRounds, r.days)
		r.buffer = r.traffic.AppendEvent(r.buffer[:0], customer, clock-int64(i%3000))
		record := event.Record{
			Sequence: r.sequence, Stored: clock, Clock: clock, Partition: partition, Data: r.buffer,
		}
		if err := r.shards[partition].Process(&record, emit); err != nil {
			return err
		}
	}

	return nil
}

func memoryOf(shards []*shard.Shard, known uint64, total int64) (memoryFigures, error) {
	m := memoryFigures{MemoryTotal: total, MemoryEvents: memoryRounds}
	var counts shard.Counts
	for _, shard := range shards {
		memory := shard.View().Memory()
		m.MemoryRing += memory.Ring
		m.RingIdentities += memory.Identities
		m.MemoryWindows += memory.Windows
		m.MemoryKnown += shard.Customers()
		counts.Add(shard.Counts())
		counts.Processed += uint64(shard.Status().Leap.Waiting) // the first after a night, until the next one comes
	}
	if counts.Processed != known*memoryRounds {
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
