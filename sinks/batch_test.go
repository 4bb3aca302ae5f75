package sinks_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/wire"
	"ebb/sinks"
)

func TestMarkersAreTold(t *testing.T) {
	for subject, want := range map[string]bool{
		"engagement.marker.rollups.3":         true,
		"eu.engagement.marker.s.12":           true,
		"engagement.rollups.marker.3":         true,
		"eu.engagement.s.marker.12":           true,
		"engagement.rollups.rollups_total.3":  false,
		"engagement.signals.at_risk.3.marker": false,
		"engagement.signals.marker.3.c-1":     false,
		"engagement.deadletters.malformed":    false,
		"marker.deadletters.malformed":        false,
		"marker.rollups.rollups_total.3":      false,
		"engagement.marker.else.3":            false,
		"marker":                              false,
		"":                                    false,
	} {
		if got := sinks.Marker(subject); got != want {
			t.Errorf("%q is a marker: %t, want %t", subject, got, want)
		}
	}
}

func TestUnreadableMessagesLeaveTheBatchAsItIs(t *testing.T) {
	for message, want := range map[string]string{
		``:                                    "unexpected end",
		`{"schema":1,"table":"rollups_mood"}`: `table is "rollups_mood"`,
		`{"schema":1,"table":"rollups_total"`: "unexpected end",
		`{"schema":7,"table":"late"}`:         "schema is 7",
		`{"schema":1,"table":"levels","time":"noon"}`:                                            `within "/time"`,
		`{"schema":1,"table":"rollups_kind","windows":[{"window":"1m","end":1,"rows":[["a"]]}]}`: "1 cells, want 3",
	} {
		b := &sinks.Batch{}
		if err := b.AddRollup([]byte(message)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one with %q", message, err, want)
		}
		if b.Rows() != 0 {
			t.Errorf("%s: the batch has %d rows", message, b.Rows())
		}
	}
}

func TestTableIsFoundWhereverItStands(t *testing.T) {
	b := &sinks.Batch{}
	for _, message := range []string{
		`{"schema":1,"table":"pipeline","partition":1}`,
		`{"table":"pipeline","schema":1}`,
		` { "partition" : 2, "schema":1, "table" : "pipeline" }`,
	} {
		if err := b.AddRollup([]byte(message)); err != nil {
			t.Errorf("%s: %v", message, err)
		}
	}
	if len(b.Pipeline) != 3 {
		t.Errorf("%d rows, want 3", len(b.Pipeline))
	}
}

func TestDeadLettersWithoutHeadersAreKept(t *testing.T) {
	b := &sinks.Batch{}
	b.AddDeadLetter(sinks.Message{Subject: "engagement.deadletters.oversize", Sequence: 4, Data: []byte("x")})
	if got := b.DeadLetters[0]; got.Reason != "oversize" || got.Version != 4 || string(got.Body) != "x" {
		t.Errorf("dead letter is %+v", got)
	}
}

// A message holds a step; every bin of it is a row.
func TestQualityBecomesARowForEveryBin(t *testing.T) {
	const message = `{"schema":1,"table":"quality","partition":3,"version":9,"clock":7,"time":5,"horizon_ms":80,"bins":[` +
		`{"segment":"regular","bin":8,"rows":4,"risk_sum":33000,"lost":3,"brier_sum":7,"overlap":2},{"segment":"newcomer","bin":0,"rows":1}]}`
	b := &sinks.Batch{}
	if err := b.AddRollup([]byte(message)); err != nil {
		t.Fatal(err)
	}
	row := sinks.Quality{Partition: 3, Version: 9, Clock: 7, Time: 5, HorizonMS: 80}
	first, second := row, row
	first.QualityBin = wire.QualityBin{Segment: "regular", Bin: 8, Rows: 4, RiskSum: 33000, Lost: 3, BrierSum: 7, Overlap: 2}
	second.QualityBin = wire.QualityBin{Segment: "newcomer", Rows: 1}
	if !slices.Equal(b.Quality, []sinks.Quality{first, second}) {
		t.Errorf("rows are %+v", b.Quality)
	}
	if err := b.AddRollup([]byte(`{"schema":2,"table":"quality"}`)); err == nil || len(b.Quality) != 2 {
		t.Errorf("error is %v and there are %d rows", err, len(b.Quality))
	}
}

// Both halves have rows, and together they have all of them, in order.
func TestHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &sinks.Batch{}
		n := 0
		next := func() uint64 { n++; return uint64(n) }
		for i := range b.Rollups {
			for range rapid.IntRange(0, 3).Draw(t, "rollups") {
				b.Rollups[i] = append(b.Rollups[i], sinks.Rollup{Version: next()})
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "late") {
			b.Late = append(b.Late, wire.LateEvent{Sequence: next()})
		}
		for range rapid.IntRange(0, 3).Draw(t, "levels") {
			b.Levels = append(b.Levels, wire.LevelsRow{Time: int64(next())})
		}
		for range rapid.IntRange(0, 3).Draw(t, "pipeline") {
			b.Pipeline = append(b.Pipeline, wire.PipelineRow{Sequence: next()})
		}
		for range rapid.IntRange(0, 3).Draw(t, "quality") {
			b.Quality = append(b.Quality, sinks.Quality{Version: next()})
		}
		for range rapid.IntRange(0, 3).Draw(t, "feed") {
			b.Feed = append(b.Feed, wire.FeedRow{Observed: next()})
		}
		for range rapid.IntRange(0, 3).Draw(t, "signals") {
			b.Signals = append(b.Signals, wire.Signal{Sequence: next()})
		}
		for range rapid.IntRange(2, 3).Draw(t, "letters") {
			b.DeadLetters = append(b.DeadLetters, sinks.DeadLetter{Sequence: next()})
		}

		first, second := b.Halves()
		if first.Rows() == 0 || second.Rows() == 0 || first.Rows() != b.Rows()/2 {
			t.Fatalf("halves of %d rows have %d and %d", b.Rows(), first.Rows(), second.Rows())
		}
		got := append(numbers(first), numbers(second)...)
		for i, number := range got {
			if number != uint64(i+1) {
				t.Fatalf("rows are %v", got)
			}
		}
		if len(got) != b.Rows() {
			t.Fatalf("%d rows, want %d", len(got), b.Rows())
		}
	})
}

func numbers(b *sinks.Batch) []uint64 {
	var out []uint64
	for i := range b.Rollups {
		for _, r := range b.Rollups[i] {
			out = append(out, r.Version)
		}
	}
	for _, r := range b.Late {
		out = append(out, r.Sequence)
	}
	for _, r := range b.Levels {
		out = append(out, uint64(r.Time))
	}
	for _, r := range b.Pipeline {
		out = append(out, r.Sequence)
	}
	for _, r := range b.Quality {
		out = append(out, r.Version)
	}
	for _, r := range b.Feed {
		out = append(out, r.Observed)
	}
	for _, r := range b.Signals {
		out = append(out, r.Sequence)
	}
	for _, r := range b.DeadLetters {
		out = append(out, r.Sequence)
	}

	return out
}

// What is left after sifting is what Check takes row by row, in order.
func TestSift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &sinks.Batch{}
		var kept []uint64
		good := func(version uint64) bool {
			ok := rapid.Bool().Draw(t, "good")
			if ok {
				kept = append(kept, version)
			}

			return ok
		}
		for i := range rapid.Uint64Range(0, 9).Draw(t, "rollups") {
			window := "5s"
			if good(i) {
				window = "5m"
			}
			b.Rollups[sinks.Type] = append(b.Rollups[sinks.Type], sinks.Rollup{Window: window, Version: i})
		}
		for i := range rapid.Uint64Range(0, 9).Draw(t, "signals") {
			partition := 1 << 16
			if good(i) {
				partition = 1
			}
			b.Signals = append(b.Signals, wire.Signal{Partition: partition, Sequence: i})
		}
		all := b.Rows()
		err := b.Sift()
		if refused := all > len(kept); refused != errors.Is(err, sinks.ErrRefused) {
			t.Fatalf("%d of %d rows are good, and Sift returns %v", len(kept), all, err)
		}
		if err := b.Check(); err != nil {
			t.Fatalf("what is left is refused: %v", err)
		}
		var left []uint64
		for _, r := range b.Rollups[sinks.Type] {
			left = append(left, r.Version)
		}
		for _, s := range b.Signals {
			left = append(left, s.Sequence)
		}
		if !slices.Equal(left, kept) {
			t.Fatalf("left are %v, want %v", left, kept)
		}
	})
}

// A batch that uses the memory of another holds nothing of it.
func TestABatchUsesTheMemoryOfAnother(t *testing.T) {
	var written, next sinks.Batch
	for table := range written.Rollups {
		written.Rollups[table] = make([]sinks.Rollup, 5, 100)
		written.Rollups[table][0].Version = 7
	}
	first := &written.Rollups[sinks.Kind][0]
	next.Reuse(written.Spare())
	if written.Rows() != 0 || next.Rows() != 0 {
		t.Errorf("%d rows are left, and %d in the next batch", written.Rows(), next.Rows())
	}
	next.Reserve([sinks.RollupTables]int{50, 50, 50, 50})
	next.Rollups[sinks.Kind] = append(next.Rollups[sinks.Kind], sinks.Rollup{Partition: 3})
	if got := &next.Rollups[sinks.Kind][0]; got != first || got.Version != 0 || got.Partition != 3 {
		t.Errorf("the first row is %+v", got)
	}
}
