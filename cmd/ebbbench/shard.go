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

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
	"ebb/pipeline/vocabulary"
)

type shardFigures struct {
	Shard          float64 `json:"shard_events_per_second_1m_zipf"`
	ShardCPU       float64 `json:"shard_events_per_cpu_second_1m_zipf"`
	ShardCustomers int     `json:"shard_customers"`
	ShardCuts      int     `json:"shard_cuts"`
	ShardAllocs    float64 `json:"shard_allocs_per_event"`
	Plain          float64 `json:"plain_shard_events_per_second_1m_zipf"` // the same without the churn model
	ShardOverPlain float64 `json:"shard_over_plain"`                      // median of the chunks' ratios

	yardsticks
}

// measureShard runs shardCommand in a process that has one core.
func (c *runCommand) measureShard(ctx context.Context, f *figures, say *progress) error {
	say.step("one core, %d customers", c.Known)
	f.shardFigures = &shardFigures{}
	args := []string{"shard", "--known=" + strconv.Itoa(c.Known), "--events=" + strconv.Itoa(c.Records), c.argument()}
	if c.Profile {
		args = append(args, "--profile="+filepath.Join(c.Folder, "shard.pprof"))
	}

	return measureIn(ctx, say, f.shardFigures, args...)
}

// shardCommand measures Shard.Process with one core: decode, verdicts,
// windows, churn and cuts, with every customer known before. A plain shard, for
// which nothing is engagement, so that it only counts, takes the same records.
type shardCommand struct {
	Known   int    `default:"1000000"`
	Events  int    `default:"4000000"`
	Profile string `type:"path"`

	counted
}

const (
	shardRate  = 100_000 // events for each second of the clock
	shardWarm  = 2       // chunks before the first that is timed
	shardChunk = 250_000 // events that are made, then timed, at most
)

// Run prints shardFigures.
func (c *shardCommand) Run(std streams) error {
	runtime.GOMAXPROCS(1)
	config := c.config()
	config.Partitions = 1
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		return err
	}
	config.Vocabulary = withoutEngagement(config.Vocabulary)
	plain, err := shard.NewShard(config, 0)
	if err != nil {
		return err
	}
	run := &shardRun{shard: sh, plain: plain, chunk: min(c.Events, shardChunk), traffic: simulate.NewTraffic(simulate.TrafficConfig{
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

// withoutEngagement says of every type that it does not count against silence:
// then a shard has nothing to ask the churn model.
func withoutEngagement(config vocabulary.Config) vocabulary.Config {
	no := false
	for _, t := range vocabulary.DefaultVocabulary().Types() {
		if t.Qualifying {
			config.Types = append(config.Types, vocabulary.TypeConfig{Type: t.Name, Qualifying: &no})
		}
	}

	return config
}

// shardRun feeds a shard. The records are made before they are timed.
type shardRun struct {
	shard   *shard.Shard
	plain   *shard.Shard
	chunk   int // events
	traffic *simulate.Traffic
	records []event.Record
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
	r.records = append(r.records, event.Record{
		Sequence: r.shard.Sequence() + uint64(len(r.records)) + 1,
		Stored:   clock,
		Clock:    clock,
		Data:     r.buffer[from:len(r.buffer):len(r.buffer)],
	})
}

// process gives the records to both shards.
func (r *shardRun) process() error {
	if err := r.take(r.shard); err != nil {
		return err
	}

	return r.take(r.plain)
}

func (r *shardRun) take(sh *shard.Shard) error {
	emit := func(*shard.Cut) { r.cuts++ }
	for i := range r.records {
		if err := sh.Process(&r.records[i], emit); err != nil {
			return err
		}
	}

	return nil
}

// plainRate is that of the plain shard for the records.
func (r *shardRun) plainRate() (float64, error) {
	cuts, start := r.cuts, time.Now()
	err := r.take(r.plain)
	r.cuts = cuts

	return float64(r.chunk) / time.Since(start).Seconds(), err
}

// measure times whole chunks, as many as fit into the events.
func (r *shardRun) measure(events int, profile string) (shardFigures, error) {
	stopProfile, err := startProfile(profile)
	if err != nil {
		return shardFigures{}, err
	}
	r.cuts = 0
	var rates, plain, ratios, encodingJSON, sonic []float64
	var cpu float64
	var before, after runtime.MemStats
	var mallocs uint64
	chunks := events / r.chunk
	for chunk := range chunks {
		r.fill()
		var plainRate float64
		if chunk%2 == 0 { // in turns, so that neither always comes first
			if plainRate, err = r.plainRate(); err != nil {
				return shardFigures{}, err
			}
		}
		runtime.ReadMemStats(&before)
		cpuBefore, start := cpuSeconds(), time.Now()
		if err := r.take(r.shard); err != nil {
			return shardFigures{}, err
		}
		rates = append(rates, float64(r.chunk)/time.Since(start).Seconds())
		cpu += cpuSeconds() - cpuBefore
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs
		if chunk%2 == 1 {
			if plainRate, err = r.plainRate(); err != nil {
				return shardFigures{}, err
			}
		}
		plain, ratios = append(plain, plainRate), append(ratios, rates[chunk]/plainRate)

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
		Plain:          median(plain),
		ShardOverPlain: median(ratios),
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
