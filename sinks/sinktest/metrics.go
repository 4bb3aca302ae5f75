package sinktest

import (
	"fmt"
	"math"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

// metricRow is a row of a metric whose figures differ from each other.
func metricRow(m *metric.Metric, version uint64) sinks.MetricRow {
	row := sinks.MetricRow{Window: "5m", End: noon, Partition: 3, Version: version, Clock: noon + 1, Era: era}
	if m.Daily() {
		row.Window, row.End = "", noon-noon%sinks.Day
	}
	for i := range m.By {
		row.By = append(row.By, fmt.Sprint("wert-ä", i))
	}
	for i, measure := range m.Measures {
		n := amount.Of(int64(12 + i))
		if measure.Sum {
			n = amount.Of(-1_500_001 - int64(i))
		}
		row.Measures = append(row.Measures, wire.Number(n))
	}

	return row
}

// addMetrics adds a row, and its changes, to every metric of a batch.
func addMetrics(b *sinks.Batch, version uint64, changes ...func(*sinks.MetricRow)) *sinks.Batch {
	for i, m := range metric.Tables() {
		if i >= len(b.Metrics) {
			b.Metrics = append(b.Metrics, sinks.MetricRows{})
		}
		b.Metrics[i].Append(metricRow(m, version))
		for _, change := range changes {
			row := metricRow(m, version)
			change(&row)
			b.Metrics[i].Append(row)
		}
	}

	return b
}

// metricRows are the rows of a metric.
func metricRows(b *sinks.Batch, i int) []sinks.MetricRow {
	var rows []sinks.MetricRow
	for n := 0; i < len(b.Metrics) && n < b.Metrics[i].Len(); n++ {
		rows = append(rows, b.Metrics[i].Row(n))
	}

	return rows
}

// metricKeys differ in one part of their key each: all stay.
func metricKeys(t *testing.T, s Subject) {
	b := addMetrics(&sinks.Batch{}, 5, func(r *sinks.MetricRow) { r.Partition++ }, func(r *sinks.MetricRow) { r.End += sinks.Day })
	for i, m := range metric.Tables() {
		if !m.Daily() {
			row := metricRow(m, 5)
			row.Window = "1h"
			b.Metrics[i].Append(row)
			row.End++
			b.Metrics[i].Append(row)
		}
		for d := range m.By {
			row := metricRow(m, 5)
			row.By[d] += "x"
			b.Metrics[i].Append(row)
		}
	}
	write(t, s, b)
	expect(t, s, b)
}

// metricEdges have the largest numbers that occur.
func metricEdges(t *testing.T, s Subject) {
	b := &sinks.Batch{}
	for _, m := range metric.Tables() {
		var rows sinks.MetricRows
		for partition := range uint16(2) {
			row := metricRow(m, 5)
			row.Partition = partition
			for i, measure := range m.Measures {
				row.Measures[i] = wire.Number(amount.Of(math.MaxInt64))
				if measure.Sum {
					row.Measures[i] = wire.Number{Hi: math.MinInt64 >> partition, Lo: math.MaxUint64}
				}
			}
			rows.Append(row)
		}
		b.Metrics = append(b.Metrics, rows)
	}
	write(t, s, b)
	expect(t, s, b)
}

// metricSeries are rows like others, which a later cut corrects before and behind
// them.
func metricSeries(t *testing.T, s Subject) {
	folded, want, corrections := &sinks.Batch{}, &sinks.Batch{}, &sinks.Batch{}
	for _, m := range metric.Tables() {
		if m.Daily() { // has none
			for _, b := range []*sinks.Batch{want, corrections} {
				b.Metrics = append(b.Metrics, sinks.MetricRows{})
			}
			folded.MetricSeries = append(folded.MetricSeries, nil)

			continue
		}
		base := metricRow(m, 5)
		series := sinks.MetricSeries{
			Partition: int(base.Partition), Version: 5, Clock: base.Clock, Era: base.Era,
			MetricSeries: wire.MetricSeries{Window: base.Window, By: base.By, End: noon, Slide: minute, Steps: []int64{0, 1, 5, 713}},
		}
		for i, measure := range m.Measures {
			var c wire.Column
			switch {
			case i > 0 && i == len(m.Measures)-1: // 0 in all of them
			case measure.Sum:
				c.Sums = []amount.Amount{amount.Of(19_990_000), amount.Of(-1), {}, amount.Max()}
			default:
				c.Counts = []int64{1, 2, 0, 1 << 40}
			}
			series.Measures = append(series.Measures, c)
		}
		folded.MetricSeries = append(folded.MetricSeries, []sinks.MetricSeries{series})
		var rows, corrected sinks.MetricRows
		series.Unfold(func(row sinks.MetricRow) {
			if n := rows.Len(); n == 0 || n == 3 {
				row.Version, row.Clock = 9-6*uint64(n/3), noon+hour // a row is the truth also with a lower version
				row.Measures[0].Lo += 7
				corrected.Append(row)
			}
			rows.Append(row)
		})
		want.Metrics, corrections.Metrics = append(want.Metrics, rows), append(corrections.Metrics, corrected)
	}
	for _, b := range []*sinks.Batch{corrections, folded, corrections, folded} {
		write(t, s, b)
		if b == folded {
			expect(t, s, want)
		}
	}
}
