package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"time"

	"ebb/pipeline"
	"ebb/pipeline/simulate"
)

type shardFigures struct {
	Shard          float64 `json:"shard_events_per_second_1m_zipf"`
	ShardCPU       float64 `json:"shard_events_per_cpu_second_1m_zipf"`
	ShardCustomers int     `json:"shard_customers"`
	ShardCuts      int     `json:"shard_cuts"`
	ShardAllocs    float64 `json:"shard_allocs_per_event"`

	yardsticks
}

// measureShard runs shardCommand in a process that has one core.
func (c *runCommand) measureShard(ctx context.Context, f *figures, say *progress) error {
	say.step("one core, %d customers", c.Known)
	f.shardFigures = &shardFigures{}
	args := []string{"shard", "--known=" + strconv.Itoa(c.Known), "--events=" + strconv.Itoa(c.Records)}
	if c.Profile {
		args = append(args, "--profile="+filepath.Join(c.Folder, "shard.pprof"))
	}

	return measureIn(ctx, say, f.shardFigures, args...)
}

// shardCommand measures Shard.Process with one core: decode, verdicts,
// windows, churn and cuts, with every customer known before.
type shardCommand struct {
	Known   int    `default:"1000000"`
	Events  int    `default:"4000000"`
	Profile string `type:"path"`
}

const (
	shardRate  = 100_000 // events for each second of the clock
	shardWarm  = 2       // chunks before the first that is timed
	shardChunk = 250_000 // events that are made, then timed, at most
)

// Run prints shardFigures.
func (c *shardCommand) Run(std streams) error {
	runtime.GOMAXPROCS(1)
	config := pipeline.DefaultConfig()
	config.Partitions = 1
	shard, err := pipeline.NewShard(config, 0)
	if err != nil {
		return err
	}
	run := &shardRun{shard: shard, chunk: min(c.Events, shardChunk), traffic: simulate.NewTraffic(simulate.TrafficConfig{
		Seed: 1, Customers: c.Known, Rate: shardRate, Start: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
	})}
	if err := run.meetAll(c.Known); err != nil {
		return err
	}
	for range shardWarm {
		run.fill()
		if err := run.process(); err != nil {
			return err
		}
	}
	figures, err := run.measure(c.Events, c.Profile)
	if err != nil {
		return err
	}

	return json.NewEncoder(std.out).Encode(figures)
}

// shardRun feeds a shard. The records are made before they are timed.
type shardRun struct {
	shard   *pipeline.Shard
	chunk   int // events
	traffic *simulate.Traffic
	records []pipeline.Record
	buffer  []byte
	cuts    int
}

// meetAll gives every customer one event.
func (r *shardRun) meetAll(customers int) error {
	for next := 0; next < customers; {
		r.records, r.buffer = r.records[:0], r.buffer[:0]
		for ; next < customers && len(r.records) < r.chunk; next++ {
			r.add(uint64(next))
		}
		if err := r.process(); err != nil {
			return err
		}
	}

	return nil
}

// fill makes the records of a chunk, with customers as they come.
func (r *shardRun) fill() {
	r.records, r.buffer = r.records[:0], r.buffer[:0]
	for range r.chunk {
		r.add(r.traffic.Customer())
	}
}

func (r *shardRun) add(customer uint64) {
	clock, from := r.traffic.Clock(), len(r.buffer)
	r.buffer = r.traffic.AppendEvent(r.buffer, customer, clock-int64(len(r.records)%3000))
	r.records = append(r.records, pipeline.Record{
		Sequence: r.shard.Sequence() + uint64(len(r.records)) + 1,
		Stored:   clock,
		Clock:    clock,
		Data:     r.buffer[from:len(r.buffer):len(r.buffer)],
	})
}

func (r *shardRun) process() error {
	emit := func(*pipeline.Cut) { r.cuts++ }
	for i := range r.records {
		if err := r.shard.Process(&r.records[i], emit); err != nil {
			return err
		}
	}

	return nil
}

// measure times whole chunks, as many as fit into the events.
func (r *shardRun) measure(events int, profile string) (shardFigures, error) {
	stopProfile, err := startProfile(profile)
	if err != nil {
		return shardFigures{}, err
	}
	r.cuts = 0
	var rates, encodingJSON, sonic []float64
	var cpu float64
	var before, after runtime.MemStats
	var mallocs uint64
	chunks := events / r.chunk
	for range chunks {
		r.fill()
		runtime.ReadMemStats(&before)
		cpuBefore, start := cpuSeconds(), time.Now()
		if err := r.process(); err != nil {
			return shardFigures{}, err
		}
		rates = append(rates, float64(r.chunk)/time.Since(start).Seconds())
		cpu += cpuSeconds() - cpuBefore
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs

		rate, err := r.yardstick(decodeEncodingJSON)
		if err != nil {
			return shardFigures{}, err
		}
		encodingJSON = append(encodingJSON, rate)
		if rate, err = r.yardstick(decodeSonic); err != nil {
			return shardFigures{}, err
		}
		sonic = append(sonic, rate)
	}
	if err := stopProfile(); err != nil {
		return shardFigures{}, err
	}
	if counts := r.shard.Counts(); counts.DeadLetters+counts.LateDropped+counts.Duplicates > 0 {
		return shardFigures{}, fmt.Errorf("the load is meant to be clean, and the shard counted %+v", counts)
	}
	all := float64(r.chunk * chunks)
	rate := median(rates)
	y := yardsticks{EncodingJSON: median(encodingJSON), Sonic: median(sonic)}
	y.ShardOverEncoding, y.ShardOverSonic = rate/y.EncodingJSON, rate/y.Sonic

	return shardFigures{
		Shard:          rate,
		ShardCPU:       all / cpu,
		ShardCustomers: r.shard.Customers(),
		ShardCuts:      r.cuts,
		ShardAllocs:    float64(mallocs) / all,
		yardsticks:     y,
	}, nil
}

// startProfile writes a CPU profile until the returned function is called; no
// path, no profile.
func startProfile(path string) (func() error, error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, err
	}

	return func() error {
		pprof.StopCPUProfile()

		return file.Close()
	}, nil
}
