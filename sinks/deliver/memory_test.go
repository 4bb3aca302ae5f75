package deliver_test

import (
	"slices"
	"testing"
	"time"

	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/deliver"
)

// daySeries is the message of a series with a window for each minute of day n.
func daySeries(n int) []byte {
	const day = 86_400_000
	series := wire.Series{Window: "1m", End: int64(n)*day + 60_000, Slide: 60_000}
	for i := range 1439 {
		series.Steps = append(series.Steps, int64(min(i, 1)))
		series.Events = append(series.Events, 1)
		series.Customers = append(series.Customers, 1)
	}
	data := wire.AppendHeader(nil, wire.Header{
		Schema: wire.PackedSchema, Table: wire.Total, Partition: 3, Version: uint64(n + 1), Clock: int64(n+1) * day,
	})

	return append(wire.AppendSeries(append(data, `,"series":[`...), &series), `]}`...)
}

// A series is a row, whatever it holds: what bounds a batch of them is what they take
// in memory.
func TestSeriesAreBoundedByWhatTheyHold(t *testing.T) {
	const messages, batches = 40, 4
	rows := &sinks.Batch{}
	if err := rows.AddRollup(daySeries(0)); err != nil {
		t.Fatal(err)
	}
	one := new(sinks.Weigher).Weigh(rows)
	if one < 3*1439*8 || one > 4*1439*8 {
		t.Fatalf("a series of 1,439 windows weighs %d bytes", one)
	}

	b := newBench(t)
	for i := range messages {
		b.publish("engagement.rollups.rollups_total.3", daySeries(i))
	}
	f := b.start(func(c *deliver.Config) {
		c.MaxWait, c.HistoryWait = time.Minute, time.Minute
		c.MaxMemory = messages / batches * one
	})
	b.caughtUp(f)
	if got := f.Counters(deliver.Rollups).Batches.Load(); got != batches {
		t.Errorf("written in %d batches, want %d", got, batches)
	}
	if got := len(b.sink.Rows().Rollups[sinks.Total]); got != messages*1439 {
		t.Errorf("the sink holds %d rows, want %d", got, messages*1439)
	}
}

// feeling is a message of a metric with two rows, or a series of three.
func feeling(n int) []byte {
	h := wire.Header{Schema: wire.MetricSchema, Table: "rollups_sentiment", Partition: 3, Version: 9, Clock: 60_000}
	data := wire.AppendMetricHeader(nil, h, []string{"channel"}, []string{"answers", "negative"})
	if n == 1 {
		return append(wire.AppendMetricWindow(append(data, `,"windows":[`...), &wire.MetricWindow{
			Window: "1m", End: 60_000, By: [][]string{{"email", "web"}}, Measures: []wire.Column{{Counts: []int64{2, 1}}, {}},
		}), `]}`...)
	}

	return append(wire.AppendMetricSeries(append(data, `,"series":[`...), &wire.MetricSeries{
		Window: "1m", By: []string{"web"}, End: 60_000, Slide: 60_000, Steps: []int64{0, 1, 1}, Measures: []wire.Column{{Counts: []int64{2, 1, 1}}, {}},
	}), `]}`...)
}

// What was weighed grows with the batch, and no row is weighed twice.
func TestWeigher(t *testing.T) {
	all, grown := &sinks.Batch{}, &sinks.Batch{}
	var w sinks.Weigher
	if got := w.Weigh(grown); got != 0 {
		t.Errorf("an empty batch weighs %d", got)
	}
	var weights []int
	for i, data := range [][]byte{totals(1, "1m"), daySeries(1), daySeries(2), feeling(1), feeling(2), totals(2, "1m")} {
		if err := all.AddRollup(data); err != nil {
			t.Fatal(err)
		}
		if err := grown.AddRollup(data); err != nil {
			t.Fatal(err)
		}
		weights = append(weights, w.Weigh(grown))
		if again := w.Weigh(grown); again != weights[i] {
			t.Errorf("weighed %d and then %d", weights[i], again)
		}
	}
	if !slices.IsSorted(slices.Compact(weights)) || len(slices.Compact(weights)) != 6 || weights[5] != new(sinks.Weigher).Weigh(all) {
		t.Errorf("the weights %v don't end at that of the whole, %d", weights, new(sinks.Weigher).Weigh(all))
	}
}
