package main

import (
	"context"
	"encoding/json"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
	"ebb/sinks"
)

// metricsFigures say what each metric costs a shard.
type metricsFigures struct {
	Metrics []metricFigures `json:"metrics"`
}

// metricFigures are those of one metric, or of rollups, beside the base ones; of a base
// metric, alone.
type metricFigures struct {
	Name        string  `json:"name"`
	Nanoseconds float64 `json:"ns_per_event"`       // processor time over that of the shard without it
	Bytes       int     `json:"bytes_per_customer"` // of columns, which it may share with others
	Rows        float64 `json:"rows_per_minute"`    // of its table
	Daily       float64 `json:"rows_per_day"`       // of tables of days
}

// measureMetrics runs metricsCommand in a process that has one core.
func (c *runCommand) measureMetrics(ctx context.Context, f *figures, say *progress) error {
	say.step("one shard for each of %d metrics, and for rollups", len(metric.Switchable()))
	f.metricsFigures = &metricsFigures{}

	return measureIn(ctx, say, f.metricsFigures, "metrics", "--rounds="+strconv.Itoa(c.MetricRounds))
}

// metricsCommand gives the same events to a shard without metrics, one with the base
// ones, one with all, one for each metric beside the base ones, and some with rollups of
// users, in turns.
type metricsCommand struct {
	Rounds    int `default:"60"`
	Customers int `default:"10000"`
}

const (
	metricsRate  = 500  // events for each second of the clock
	metricsChunk = 4000 // events of a turn
)

// metricShard is a shard that counts some metrics.
type metricShard struct {
	name    string
	over    int // of which the cost is over: its place
	on      []string
	rollups []metric.Rollup
	shard   *shard.Shard
	rows    []int     // by metric.Tables
	seconds []float64 // of processor time, by round
}

// Run prints metricsFigures.
func (c *metricsCommand) Run(std streams) error {
	runtime.GOMAXPROCS(1)
	shards, err := metricShards()
	if err != nil {
		return err
	}
	traffic := simulate.NewTraffic(simulate.TrafficConfig{
		Seed: 1, Customers: c.Customers, Rate: metricsRate, Start: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC),
	})
	records := make([]event.Record, metricsChunk)
	for round := range c.Rounds {
		for i := range records {
			records[i] = traffic.Record()
		}
		for i := range shards {
			s := &shards[(i+round)%len(shards)] // in turns, so that none always comes first
			if err := s.take(records); err != nil {
				return err
			}
		}
	}
	live := make([][]int, len(shards))
	for i := range shards {
		live[i] = slices.Clone(shards[i].rows) // without those of windows that run out
		if err := shards[i].endDay(records[len(records)-1]); err != nil {
			return err
		}
	}
	minutes := float64(c.Rounds) * metricsChunk / metricsRate / 60

	return json.NewEncoder(std.out).Encode(metricsFiguresOf(shards, live, minutes))
}

// metricShards are them: none first, then the base metrics, all of them, each, and rollups.
func metricShards() ([]metricShard, error) {
	base := metric.Base()
	shards := []metricShard{{name: "none"}, {name: "base", on: base}, {name: "all", over: 1, on: metric.Switchable()}}
	for _, name := range metric.Switchable() {
		if slices.Contains(base, name) {
			shards = append(shards, metricShard{name: name, on: []string{name}})
		} else {
			shards = append(shards, metricShard{name: name, over: 1, on: append(slices.Clone(base), name)})
		}
	}
	for _, rollups := range rollupSets() {
		shards = append(shards, metricShard{name: rollupsName(rollups), over: 1, on: base, rollups: rollups})
	}
	for i := range shards {
		s := &shards[i]
		config := meaning.DefaultConfig()
		config.Partitions, config.Metrics, config.Rollups = 1, slices.Sorted(slices.Values(s.on)), s.rollups
		config.StoreStep = 48 * time.Hour // of the last clock that endDay gives
		var err error
		if s.shard, err = shard.NewShard(config, 0); err != nil {
			return nil, err
		}
		s.rows = make([]int, len(metric.Tables()))
	}

	return shards, nil
}

// rollupSets are rollups as users declare them, from the cheapest to as many as there
// may be.
func rollupSets() [][]metric.Rollup {
	sets := [][]metric.Rollup{
		{{Name: "types", By: []string{"kind", "channel"}}},
		{{Name: "levels", By: []string{"level"}}},
		{{Name: "orders", By: []string{"level"}, Metric: "orders"}},
		{{Name: "messages", By: []string{"recency"}, Metric: "messages"}},
	}
	var most []metric.Rollup
	for _, name := range metric.Cuttable()[:metric.MaxRollups] {
		most = append(most, metric.Rollup{Name: name, By: []string{"level"}, Metric: name, AtMost: 50})
	}

	return append(sets, most)
}

// rollupsName is what the setting says of a rollup, or how many there are.
func rollupsName(rollups []metric.Rollup) string {
	if len(rollups) > 1 {
		return strconv.Itoa(len(rollups)) + " metrics by " + rollups[0].By[0]
	}
	by := strings.Join(rollups[0].By, "+")
	if rollups[0].Metric != "" {
		return rollups[0].Metric + " by " + by
	}

	return "rollup " + by
}

// take gives records to the shard, and counts the rows that come of them.
func (s *metricShard) take(records []event.Record) error {
	var cuts []*shard.Cut
	before := cpuSeconds()
	for i := range records {
		if err := s.shard.Process(&records[i], func(cut *shard.Cut) { cuts = append(cuts, cut) }); err != nil {
			return err
		}
	}
	s.seconds = append(s.seconds, cpuSeconds()-before)
	var batch sinks.Batch
	for _, cut := range cuts {
		for _, m := range cut.Outputs[shard.Rollups] {
			if err := batch.AddRollup(m.Data); err != nil {
				return err
			}
		}
	}
	for i := range batch.Metrics {
		s.rows[i] += batch.Metrics[i].Len()
	}
	for i := range batch.MetricSeries {
		for j := range batch.MetricSeries[i] {
			for range batch.MetricSeries[i][j].Ends() {
				s.rows[i]++
			}
		}
	}

	return nil
}

// endDay moves the clock behind the end of the day, so that it is counted.
func (s *metricShard) endDay(last event.Record) error {
	ticks := make([]event.Record, 2) // the second one brings the cut
	for i := range ticks {
		clock := last.Clock + (24*time.Hour + time.Duration(i)*time.Second).Milliseconds()
		ticks[i] = event.Record{
			Sequence: last.Sequence + uint64(i) + 1, Clock: clock, Stored: clock, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}"),
		}
	}

	return s.take(ticks)
}

func metricsFiguresOf(shards []metricShard, live [][]int, minutes float64) metricsFigures {
	var found metricsFigures
	tables := metric.Tables()
	for i := range shards[1:] {
		s := &shards[i+1]
		f := metricFigures{Name: s.name, Bytes: s.width()}
		f.Nanoseconds = (s.quick() - shards[s.over].quick()) / metricsChunk * 1e9
		for at, m := range tables {
			own := m.Name == s.name || s.name == "all" || s.name == "base" && slices.Contains(metric.Base(), m.Name) ||
				s.rollups != nil && (m.Name == metric.Custom().Name || m.Name == metric.Cuts().Name)
			switch {
			case !own:
			case m.Daily():
				f.Daily += float64(s.rows[at])
			default:
				f.Rows += float64(live[i+1][at]) / minutes
			}
		}
		found.Metrics = append(found.Metrics, f)
	}

	return found
}

// quick is the processor time of a turn that a fourth of them did not reach: what others
// do on the machine makes turns longer, never shorter. The first turns make the customers.
func (s *metricShard) quick() float64 {
	turns := slices.Sorted(slices.Values(s.seconds[len(s.seconds)/4:]))

	return turns[len(turns)/4]
}

// width is how many bytes of columns the metrics of a shard read.
func (s *metricShard) width() (bytes int) {
	for _, c := range metric.Kept(s.on, s.rollups) {
		bytes += c.Bytes
	}

	return bytes
}

func (f *metricsFigures) print(out io.Writer) {
	rows := [][]string{{"metric", "ns/event", "bytes/customer", "rows/minute", "rows/day"}}
	for _, m := range f.Metrics {
		rows = append(rows, []string{m.Name, strconv.FormatFloat(m.Nanoseconds, 'f', 0, 64), strconv.Itoa(m.Bytes), count(m.Rows), count(m.Daily)})
	}
	table(out, "Metrics and rollups beside the base metrics; base, and each of these, alone", rows...)
}
