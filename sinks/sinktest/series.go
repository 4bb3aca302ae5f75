package sinktest

import (
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

const minute = 60_000

// sampleSeries is a batch with a series of four rows in every table.
func sampleSeries(version uint64) *sinks.Batch {
	b := &sinks.Batch{}
	for i := range b.Series {
		table := sinks.RollupTable(i)
		row := rollup(table, version)
		series := sinks.Series{
			Partition: row.Partition, Version: version, Clock: row.Clock, Era: row.Era,
			Series: wire.Series{
				Window: row.Window, Key: row.Key, Currency: row.Currency, End: noon, Slide: minute,
				Steps: []int64{0, 1, 5, 713}, Events: []int64{1, 2, 0, 1 << 40},
			},
		}
		switch table {
		case sinks.Total, sinks.Kind:
			series.Customers = []int64{1, 1, 0, 1 << 33}
		case sinks.Type:
			series.Values = []amount.Amount{amount.Of(19_990_000), amount.Of(-1), {}, amount.Max()}
		}
		b.Series[i] = []sinks.Series{series}
	}

	return b
}

// rowsOf are those of the series of a batch.
func rowsOf(b *sinks.Batch) *sinks.Batch {
	rows := &sinks.Batch{}
	for i := range b.Series {
		for j := range b.Series[i] {
			for r := range b.Series[i][j].Rollups() {
				rows.Rollups[i] = append(rows.Rollups[i], r)
			}
		}
	}

	return rows
}

// series are rows like others, also those without a column, and when they are
// written again.
func series(t *testing.T, s Subject) {
	plain := rollup(sinks.Kind, 4)
	plain.End -= minute
	for _, token := range []string{"a", "a", "", "b"} {
		b := sampleSeries(5)
		b.Token = token
		b.Rollups[sinks.Kind] = []sinks.Rollup{plain}
		write(t, s, b)
	}
	want := rowsOf(sampleSeries(5))
	want.Rollups[sinks.Kind] = append(want.Rollups[sinks.Kind], plain)
	expect(t, s, want)

	empty := sampleSeries(6)
	for i := range empty.Series {
		next := &empty.Series[i][0]
		next.End += 12 * hour
		next.Steps, next.Events, next.Customers, next.Values = []int64{0}, []int64{3}, nil, nil
	}
	write(t, s, empty)
	for i, rows := range rowsOf(empty).Rollups {
		want.Rollups[i] = append(want.Rollups[i], rows...)
	}
	expect(t, s, want)
}

// correctedSeries has rows that a later cut corrects, which come before and
// behind it.
func correctedSeries(t *testing.T, s Subject) {
	want := rowsOf(sampleSeries(5))
	corrections := &sinks.Batch{}
	for i := range want.Rollups {
		for _, n := range []int{0, 3} {
			row := &want.Rollups[i][n]
			row.Version, row.Clock, row.Events = 9, noon+hour, row.Events+7
			corrections.Rollups[i] = append(corrections.Rollups[i], *row)
		}
	}
	for _, b := range []*sinks.Batch{corrections, sampleSeries(5), corrections, sampleSeries(5)} {
		write(t, s, b)
		if b == corrections {
			continue
		}
		expect(t, s, want)
	}
}

// rowsOverSeries has rows of windows that stand in series with higher versions, which
// come before and behind them. Rows of another era are no correction.
func rowsOverSeries(t *testing.T, s Subject) {
	want := rowsOf(sampleSeries(9))
	rows, others := &sinks.Batch{}, &sinks.Batch{}
	for i := range want.Rollups {
		row := &want.Rollups[i][1]
		other := *row
		other.Era, other.Version, other.Events = row.Era-hour, 12, 99
		others.Rollups[i] = []sinks.Rollup{other}
		row.Version, row.Clock, row.Events = 3, noon+hour, row.Events+7
		rows.Rollups[i] = []sinks.Rollup{*row}
	}
	for _, b := range []*sinks.Batch{others, sampleSeries(9), rows, sampleSeries(9), rows} {
		write(t, s, b)
	}
	expect(t, s, want)
}

// seriesKeys differ in one part of their key each: all stay.
func seriesKeys(t *testing.T, s Subject) {
	b := sampleSeries(5)
	for i := range b.Series {
		base := b.Series[i][0]
		for _, change := range []func(*sinks.Series){
			func(r *sinks.Series) { r.Window = "1h" },
			func(r *sinks.Series) { r.End += 24 * hour },
			func(r *sinks.Series) { r.Partition++ },
			func(r *sinks.Series) { r.Key += "x" },
			func(r *sinks.Series) { r.Currency = "USD" },
			func(r *sinks.Series) { r.Version, r.End = 6, r.End-hour; r.Steps = []int64{0, 1, 2, 3} },
		} {
			next := base
			change(&next)
			if sinks.RollupTable(i) == sinks.Total && next.Key != "" || sinks.RollupTable(i) != sinks.Type && next.Currency != "" {
				continue // no column of this table
			}
			b.Series[i] = append(b.Series[i], next)
		}
	}
	write(t, s, b)
	expect(t, s, rowsOf(b))
}

// seriesEras has a newer stream that covers the second half of a series.
func seriesEras(t *testing.T, s Subject) {
	older, newer := sampleSeries(9), sampleSeries(2)
	for i := range newer.Series {
		next := &newer.Series[i][0]
		next.Era, next.End = era+hour, next.End+3*minute
		next.Steps = []int64{0, 1, 2, 3}
	}
	for _, b := range []*sinks.Batch{older, newer, older} {
		write(t, s, b)
	}
	want := rowsOf(newer)
	for i, rows := range rowsOf(older).Rollups {
		want.Rollups[i] = append(want.Rollups[i], rows[:2]...)
	}
	expect(t, s, want)
}
