package status

import (
	"strings"
	"testing"
	"time"

	"ebb/pipeline/wire"
)

func signalText(s *signalStatus) string {
	var b strings.Builder
	s.print(&b)

	return b.String()
}

// Status says which thresholds hold and since when, what risks above them have
// promised, and what came.
func TestStatusShowsThresholdsAndWhatTheyPromise(t *testing.T) {
	hour := time.Hour.Milliseconds() // of a step; eight of them are a horizon
	row := func(partition, step int, cooling, atRisk float64, bins ...wire.QualityBin) wire.QualityRow {
		return wire.QualityRow{
			Header: wire.Header{Schema: wire.Schema, Table: wire.Quality, Partition: partition, Version: uint64(step)},
			Time:   int64(step) * hour, HorizonMS: 8 * hour, Bins: bins, CoolingAt: cooling, AtRiskAt: atRisk,
		}
	}
	below := wire.QualityBin{Segment: "regular", Bin: 5, Rows: 500, RiskSum: 2_500_000}
	above := wire.QualityBin{Segment: "regular", Bin: 6, Rows: 100, RiskSum: 660_000, Lost: 60}
	far := wire.QualityBin{Segment: "one_time", Bin: 8, Rows: 100, RiskSum: 840_000, Lost: 90}
	silent := wire.QualityBin{Segment: "long_silent", Bin: 9, Rows: 900, RiskSum: 8_900_000, Lost: 900}
	rows := []wire.QualityRow{
		row(1, 99, 0.452, 0.634, above, silent),
		row(0, 97, 0.451, 0.628, below),
		row(0, 98, 0.4496, 0.6301, far),
		row(0, 96, 0.45, 0.61, far),
	}
	rows = append(rows[:3:3], row(0, 96, 0.45, 0.61))
	s := signalStatusOf(rows)
	if s == nil || s.AtRiskAt != 0.634 || s.Before || !s.Since.Equal(time.UnixMilli(97*hour)) || s.Cases != 200 {
		t.Fatalf("%+v", s)
	}
	want := "\nSignals: at risk from 63% on, cooling from 45%, since 1970-01-05T01:00:00Z\n" +
		"Risks of 60% or more: promised 75.0%, came 75.0% (68.6% to 80.5%)\n"
	if got := signalText(s); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for line := range strings.SplitSeq(want, "\n") {
		if len(line) > 80 {
			t.Errorf("%q has %d columns", line, len(line))
		}
	}

	early := signalStatusOf(rows[1:2])
	if got := signalText(early); !strings.Contains(got, "or before\n") || !strings.Contains(got, "Risks of 60% or more: too few outcomes yet (0 of 100)") {
		t.Errorf("of one step: %q", got)
	}
	if old := signalStatusOf([]wire.QualityRow{row(0, 1, 0, 0, below)}); old != nil || signalText(old) != "" {
		t.Errorf("of rows without thresholds: %+v", old)
	}
}
