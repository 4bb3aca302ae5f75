package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/status"
	"ebb/pipeline/wire"
)

const qualityHorizonMS = int64(8 * time.Hour / time.Millisecond)

// qualityMessage is the message of a partition's step, an hour long.
func qualityMessage(partition, step int, bins ...wire.QualityBin) wire.QualityRow {
	return wire.QualityRow{
		Header: wire.Header{Schema: wire.Schema, Table: wire.Quality, Partition: partition, Version: uint64(step)},
		Time:   int64(step) * qualityHorizonMS / 8, HorizonMS: qualityHorizonMS, Bins: bins,
	}
}

// Status adds up the steps of two horizons over the partitions, and says where
// cases are too few.
func TestStatusShowsHowRisksCompareWithOutcomes(t *testing.T) {
	o := startOperated(t)
	if _, stdout, _ := command(t, "status"); !strings.Contains(stdout, "Risks: no outcomes yet") {
		t.Errorf("before the first outcomes: %s", stdout)
	}
	o.process(t) // makes the streams
	publish := func(row wire.QualityRow) {
		t.Helper()
		data, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		subject := "engagement.rollups.quality." + string(rune('0'+row.Partition))
		if _, err := o.js.Publish(t.Context(), subject, data); err != nil {
			t.Fatal(err)
		}
	}
	half := wire.QualityBin{Segment: "regular", Bin: 5, Rows: 100, RiskSum: 500_000, Lost: 40, BrierSum: 25e8}
	wrong := half
	wrong.Lost, wrong.Rows = 1000, 1000
	publish(qualityMessage(0, 84, wrong)) // two horizons before the newest
	publish(qualityMessage(0, 85, half))
	publish(qualityMessage(1, 99, half, wire.QualityBin{Segment: "newcomer", Bin: 1, Rows: 23, RiskSum: 30_000, Lost: 3, BrierSum: 3e8}))
	publish(qualityMessage(0, 100, wrong))
	publish(qualityMessage(0, 100, half)) // replayed

	code, stdout, stderr := command(t, "status", "--json")
	var got status.Status
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil || got.Quality == nil {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if len(got.Quality.Segments) != 5 || got.Quality.Horizon != 1.0/3 || got.Quality.To.Sub(got.Quality.From) != 15*time.Hour {
		t.Fatalf("quality %+v", got.Quality)
	}
	for _, s := range got.Quality.Segments {
		switch s.Segment {
		case "active":
			if s.Rows != 323 || s.Lost != 123 || s.TooFew {
				t.Errorf("%+v", s)
			}
		case "regular":
			if s.Rows != 300 || s.TooFew || *s.Observed != 0.4 || *s.MeanRisk != 0.5 || *s.Over != 0.8 || *s.Brier != 0.25 || math.Abs(*s.ECE-0.1) > 1e-12 || *s.AUC != 0.5 {
				t.Errorf("%+v", s)
			}
		default:
			if !s.TooFew || s.Observed != nil || s.Low != nil || s.AUC != nil {
				t.Errorf("%+v", s)
			}
		}
	}

	_, stdout, _ = command(t, "status")
	for _, want := range []string{"too few outcomes yet (23 of 100)", "too few outcomes yet (0 of 100)", "50.0%", "40.0%", "34.6% to 45.6%", "0.80"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}
