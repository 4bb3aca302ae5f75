// Package sinktest is the suite that every sink has to pass: what it promises
// as a port, checked on the real thing.
//
// It does not test how fast a sink is, or how it survives its server going
// away: that is each sink's own to test.
package sinktest

import (
	"testing"

	"ebb/sinks"
)

// Subject is a sink under test, empty, and a way to read it back.
type Subject struct {
	Sink sinks.Sink

	// Rows returns what the sink holds, each key once with its newest version,
	// in any order.
	Rows func(t testing.TB) *sinks.Batch
}

// Run runs the suite. open makes an empty sink of the test's own.
func Run(t *testing.T, open func(t testing.TB) Subject) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Subject)
	}{
		{"keeps every field of every table", everyField},
		{"an empty batch is nothing", empty},
		{"writing again changes nothing", again},
		{"a replay of any age changes nothing", replay},
		{"the higher version stays, in any order", versions},
		{"keys differ in every part", keys},
		{"the newest era is the truth of what it covers", eras},
		{"series are rows like others", series},
		{"a correction of a series' row is the truth", correctedSeries},
		{"a row is the truth of a series' row, whatever the versions", rowsOverSeries},
		{"series differ in every part of their keys", seriesKeys},
		{"the newest era is the truth of a series' rows", seriesEras},
		{"any text", texts},
		{"limits", limits},
		{"a refused row", refused},
		{"the newest cursor of each stream", cursors},
		{"a big batch", big},
		{"random batches against the reference", random},
		{"metrics", metricKeys},
		{"metrics at their edges", metricEdges},
		{"metrics of history", metricSeries},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}
