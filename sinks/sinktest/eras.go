package sinktest

import (
	"testing"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

const hour = 3_600_000

// eras writes rows of two input streams, the newer one with lower versions, in
// either order. The newer one begins an hour before noon.
func eras(t *testing.T, s Subject) {
	older := sample(9)
	before := older.Rollups[sinks.Kind][0] // the newer era does not reach back to it
	before.End = noon - 2*hour
	elsewhere := older.Rollups[sinks.Kind][0] // nor has it ended a window of this length
	elsewhere.Window = "28d"
	gone := older.Rollups[sinks.Kind][0] // the newer one knows nothing of this key
	gone.Key = "passive"
	signal := older.Signals[0]
	signal.At, signal.Episode = noon-2*hour, 11
	latest := older.Signals[0]
	latest.Episode = 13
	letter := older.DeadLetters[0]
	letter.Sequence++
	older.Rollups[sinks.Kind] = append(older.Rollups[sinks.Kind], before, elsewhere, gone)
	older.Signals = append(older.Signals, signal, latest)
	older.DeadLetters = append(older.DeadLetters, letter)
	alone := older.Levels[0]
	alone.Partition = 200 // the newer stream has fewer partitions
	older.Levels = append(older.Levels, alone)

	newer := sample(2)
	first := newer.Rollups[sinks.Kind][0]
	first.End = noon - hour
	newer.Rollups[sinks.Kind] = append(newer.Rollups[sinks.Kind], first)
	moveTo(newer, era+hour)

	for _, b := range []*sinks.Batch{older, newer, older} {
		write(t, s, b)
	}
	want := sample(2)
	moveTo(want, era+hour)
	want.Rollups[sinks.Kind] = append(newer.Rollups[sinks.Kind], before, elsewhere)
	want.Signals = append(want.Signals, signal)
	for i, m := range metric.Tables() {
		if m.Family == metric.Cohorts { // what was sent on the day in which the newer one begins is in one of the two
			want.Metrics[i].Append(older.Metrics[i].Row(0))
		}
	}
	expect(t, s, want)
}

// moveTo gives all rows another era.
func moveTo(b *sinks.Batch, era int64) {
	for i := range b.Metrics {
		for j := range b.Metrics[i].Era {
			b.Metrics[i].Era[j] = era
		}
	}
	for i := range b.Rollups {
		for j := range b.Rollups[i] {
			b.Rollups[i][j].Era = era
		}
	}
	for _, h := range []*wire.Header{&b.Late[0].Header, &b.Levels[0].Header, &b.Pipeline[0].Header, &b.Feed[0].Header} {
		h.Era = era
	}
	b.Quality[0].Era, b.Signals[0].Era, b.DeadLetters[0].Era = era, era, era
}
