package sinktest

import (
	"testing"

	"ebb/sinks"
)

// cursors are written with and without rows, forwards and back.
func cursors(t *testing.T, s Subject) {
	for _, at := range []sinks.Cursor{
		{Name: "clickhouse", Stream: "A", Sequence: 5, Created: 7},
		{Name: "clickhouse", Stream: "B", Sequence: 8, Created: 7},
		{Name: "clickhouse", Stream: "A", Sequence: 9, Created: 7},
		{Name: "clickhouse", Stream: "A", Sequence: 3, Created: 7},
	} {
		b := sample(at.Sequence)
		if at.Sequence == 3 {
			b = &sinks.Batch{}
		}
		b.Cursor = &at
		write(t, s, b)
		got, err := s.Sink.Cursor(t.Context(), at.Name, at.Stream)
		got.Safe = 0
		if err != nil || got != at {
			t.Errorf("cursor is %+v, %v; want %+v", got, err, at)
		}
	}
	got, err := s.Sink.Cursor(t.Context(), "clickhouse", "C")
	if err != nil || got.Sequence != 0 {
		t.Errorf("cursor of an unknown stream is %+v, %v; want 0", got, err)
	}
}
