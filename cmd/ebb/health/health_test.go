package health

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func testBoard(changed func(Condition, bool)) (*Board, *time.Time) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := New(changed)
	b.now = func() time.Time { return now }

	return b, &now
}

func TestReadyMeansThatProcessingGoesOn(t *testing.T) {
	for _, name := range Names() {
		b, _ := testBoard(nil)
		if got := b.Report(); !got.Ready || got.Status != "ok" || len(got.Conditions) != 0 {
			t.Fatalf("without a condition: %+v", got)
		}
		b.Set(name, "text", "")
		wantReady := slices.Contains([]Name{SinkAway, SinkBehind, ClockBehind, LeaseUnrenewed, Retrying, SourceAway, SourceHistory, Erasing}, name)
		got := b.Report()
		if got.Ready != wantReady || got.Status != map[bool]string{true: "degraded", false: "not ready"}[wantReady] {
			t.Errorf("%s: %+v", name, got)
		}
		b.Clear(name)
		if got := b.Report(); !got.Ready || got.Status != "ok" {
			t.Errorf("%s, cleared: %+v", name, got)
		}
	}
}

func TestConditionKeepsWhenItBegan(t *testing.T) {
	var changes []string
	b, now := testBoard(func(c Condition, holds bool) {
		changes = append(changes, string(c.Name)+map[bool]string{true: " begins", false: " ends"}[holds])
	})
	began := *now
	b.Set(SinkAway, "no answer", "start it")
	*now = now.Add(90 * time.Second)
	b.Set(SinkAway, "connection refused", "start it")
	b.SetSince(CommitStalled, now.Add(-time.Minute), "cut 7", "look at the log")
	report := b.Report()
	if report.Ready || len(report.Conditions) != 2 || report.Conditions[0].Name != CommitStalled {
		t.Fatalf("report %+v", report)
	}
	if c := report.Conditions[1]; !c.Since.Equal(began) || c.Text != "connection refused" {
		t.Errorf("condition %+v, want the newest text since %s", c, began)
	}
	want := "not ready\n" +
		"commit_stalled: cut 7, for 1m0s (since 2026-03-01T12:00:30Z)\n  look at the log\n" +
		"clickhouse_away: connection refused, for 1m30s (since 2026-03-01T12:00:00Z)\n  start it\n"
	if got := report.Text(*now); got != want {
		t.Errorf("text\n%swant\n%s", got, want)
	}
	data, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(data), `{"name":"clickhouse_away","stops_processing":false,"since":"2026-03-01T12:00:00Z","text":"connection refused","remedy":"start it"}`) {
		t.Errorf("%v: %s", err, data)
	}
	b.Only(SinkAway)
	b.Clear(SinkAway, Restoring)
	if want := []string{"clickhouse_away begins", "commit_stalled begins", "commit_stalled ends", "clickhouse_away ends"}; !slices.Equal(changes, want) {
		t.Errorf("told %q, want %q", changes, want)
	}
}
