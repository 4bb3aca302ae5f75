package backtest

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/backtest/bgnbd"
	"ebb/pipeline/churn"
)

func encode(t *testing.T, report *Report) string {
	t.Helper()
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}

	return string(data)
}

func TestSameSeedSameBytes(t *testing.T) {
	text := shopFile(5, 150, 120)
	first := mustRun(t, mustRead(t, text), configOf(20))
	second := mustRun(t, mustRead(t, text), configOf(20))
	if a, b := encode(t, first), encode(t, second); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
	other := configOf(20)
	other.Seed = 5
	third := mustRun(t, mustRead(t, text), other)
	if third.AUC != first.AUC || third.Intervals.AUC == first.Intervals.AUC {
		t.Errorf("another seed: AUC %v and %v, intervals %v and %v; only the intervals may change",
			first.AUC, third.AUC, first.Intervals.AUC, third.Intervals.AUC)
	}
}

func TestReport(t *testing.T) {
	log := mustRead(t, shopFile(6, 200, 120))
	r := mustRun(t, log, configOf(50))
	if r.Times != mostTimes || len(r.ByTime) != r.Times || r.Log.Customers != len(log.Customers) {
		t.Errorf("%d times, %d of them listed, %d customers", r.Times, len(r.ByTime), r.Log.Customers)
	}
	rows := 0
	for _, time := range r.ByTime {
		rows += time.Rows
		if time.Known < time.Rows {
			t.Errorf("%d known, %d of them active", time.Known, time.Rows)
		}
	}
	if rows != r.Rows || rows == 0 {
		t.Errorf("%d rows, %d by time", r.Rows, rows)
	}
	// These customers leave at moments that only silence tells of.
	if r.AUC < 0.6 || r.AllKnown.AUC < r.AUC {
		t.Errorf("AUC %v of those still active, %v of all", r.AUC, r.AllKnown.AUC)
	}
	for name, interval := range map[string]Interval{
		"auc": r.Intervals.AUC, "brier": r.Intervals.Brier, "recency": r.Intervals.Baselines["recency"],
	} {
		figure := map[string]Number{"auc": r.AUC, "brier": r.Brier, "recency": r.Baselines["recency"]}[name]
		if !(interval[0] < figure && figure < interval[1]) {
			t.Errorf("%s is %v, outside of %v", name, figure, interval)
		}
	}
	for _, baseline := range Baselines() {
		if auc := r.Baselines[baseline.Name]; !(auc > 0.3 && auc < 1) {
			t.Errorf("AUC of %s is %v", baseline.Name, auc)
		}
	}
	if r.Parameters.Version == 0 || r.Signals.Raised == 0 || len(r.Leads) == 0 || len(r.Gains) != bins || len(r.Reliability) != bins {
		t.Errorf("parameters %d, %d raised, %d leads, %d gains, %d bins", r.Parameters.Version, r.Signals.Raised, len(r.Leads), len(r.Gains), len(r.Reliability))
	}
	if r.LaterHalf.Times != mostTimes/2 || r.Cold.Times != 4 || r.Cold.Rows == 0 {
		t.Errorf("%d times in the later half, %d cold ones with %d rows", r.LaterHalf.Times, r.Cold.Times, r.Cold.Rows)
	}
	if later := r.LaterHalf; !(later.Interval[0] < later.AUC && later.AUC < later.Interval[1]) {
		t.Errorf("AUC of the later half is %v, outside of %v", later.AUC, later.Interval)
	}
	if len(r.Portraits) != portraitCount {
		t.Fatalf("%d portraits, want %d", len(r.Portraits), portraitCount)
	}
	for _, p := range r.Portraits {
		if len(p.At) <= curvePoints || len(p.Risk) != len(p.At) || slices.Max(p.Risk) > 1 || len(p.Events) < fewestVisits {
			t.Errorf("portrait of %s: %d times, %d risks, %d events", p.Customer, len(p.At), len(p.Risk), len(p.Events))
		}
	}
}

// What comes after T changes no score at T, though the detector learns from
// outcomes: with the end of the log cut off, all scores up to there stay as
// they are.
func TestNothingLeaksBackInTime(t *testing.T) {
	log := mustRead(t, shopFile(7, 100, 120))
	at := log.First + 60*dayMS
	scores := func(log *Log) []row {
		s, err := newStream(log, tenDays(), []int64{at})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.run(t.Context(), func(Progress) {}); err != nil {
			t.Fatal(err)
		}
		if by := learnedBy(s.engine); by < 0.01 {
			t.Errorf("no weight has moved by more than %v; the test needs more to leak", by)
		}
		rows := slices.Clone(s.evaluations[0].rows)
		for i := range rows {
			rows[i].lost = false
		}

		return rows
	}
	cut := *log
	cut.Last = at
	cut.Events = slices.DeleteFunc(slices.Clone(log.Events), func(e Event) bool { return e.Clock > at })
	if full, short := scores(log), scores(&cut); !slices.Equal(full, short) {
		t.Errorf("scores with and without the future differ:\n%v\n%v", full, short)
	}
}

// The rows are the customers known at T, the label is what came after, and the
// baselines are what their definitions say.
func TestRowsOfAScript(t *testing.T) {
	log := eventsOf(days(0, 8, 16), days(0), days(0, 14, 29))
	slices.SortStableFunc(log.Events, func(a, b Event) int { return int(a.Clock - b.Clock) })
	log.First, log.Last = begins, begins+30*dayMS
	s, err := newStream(log, tenDays(), days(20))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), func(Progress) {}); err != nil {
		t.Fatal(err)
	}
	rows := s.evaluations[0].rows
	if len(rows) != 3 {
		t.Fatalf("%d rows, want 3", len(rows))
	}
	for i, want := range []struct {
		active, lost bool
		silence      float64 // days
		count        float64 // halved every five days
		ratio        float64
	}{
		{true, true, 4, math.Exp2(-4.0/5) + math.Exp2(-12.0/5) + math.Exp2(-20.0/5), 4 / 8.0},
		{false, true, 20, math.Exp2(-20.0 / 5), 20 / 10.0}, // the mean of all gaps: 8, 8 and 14
		{true, false, 6, math.Exp2(-6.0/5) + math.Exp2(-20.0/5), 6 / 14.0},
	} {
		got := rows[i]
		if got.active != want.active || got.lost != want.lost || got.scores[recency] != want.silence*float64(dayMS) ||
			math.Abs(got.scores[decayedCount]+want.count) > 1e-9 || math.Abs(got.scores[recencyOverGap]-want.ratio) > 1e-9 {
			t.Errorf("customer %d is %+v, want %+v", i, got, want)
		}
	}
	if !math.IsNaN(s.evaluations[0].fit.LogLikelihood) {
		t.Errorf("BG/NBD fit of three customers: %+v", s.evaluations[0].fit)
	}
}

// The detector knows some by late events alone, which are no more than a sign of
// life. The baselines, which don't take them, then know of one visit.
func TestRowOfWhoCameLate(t *testing.T) {
	log := eventsOf(days(0, 8, 16), days(12), days(0, 14, 29))
	slices.SortStableFunc(log.Events, func(a, b Event) int { return int(a.Clock - b.Clock) })
	late := slices.IndexFunc(log.Events, func(e Event) bool { return e.Customer == 1 })
	log.Events[late].Late = true
	log.First, log.Last = begins, begins+30*dayMS
	s, err := newStream(log, tenDays(), days(20))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), func(Progress) {}); err != nil {
		t.Fatal(err)
	}
	v := s.evaluations[0]
	if len(v.rows) != 3 || v.fit.Customers != 2 {
		t.Fatalf("%d rows, and a fit of %d customers, want 3 and 2", len(v.rows), v.fit.Customers)
	}
	got, p := v.rows[1].scores, v.fit.Parameters
	if got[recency] != 8*float64(dayMS) || math.Abs(got[decayedCount]+math.Exp2(-8.0/5)) > 1e-9 || got[recencyOverGap] != 8/10.0 ||
		got[bgnbdNone] != p.None(bgnbd.History{Age: 8.0 / 7}, 10.0/7) {
		t.Errorf("scores %v", got)
	}
}

func TestThresholdsAreRunsOfTheirOwn(t *testing.T) {
	log := mustRead(t, shopFile(60, 150, 100))
	config := Config{Churn: tenDays(), Thresholds: []float64{0.65, 0.9}}
	report := mustRun(t, log, config)
	if len(report.Thresholds) != 2 {
		t.Fatalf("%d thresholds", len(report.Thresholds))
	}
	for i, at := range config.Thresholds {
		other := Config{Churn: tenDays()}
		other.Churn.AtRiskAt = at
		want := mustRun(t, log, other).Signals
		got := report.Thresholds[i]
		if got.AtRiskAt != at || got.Raised != want.Raised || got.Precision != want.Precision || got.LevelChanges != want.LevelChanges {
			t.Errorf("at %v %+v, want %+v", at, got, want)
		}
	}
	if low, high := report.Thresholds[0], report.Thresholds[1]; low.Raised <= high.Raised || !(low.Precision < high.Precision) {
		t.Errorf("a higher threshold is no stricter: %+v, %+v", low, high)
	}
}

// A threshold may lie anywhere, whatever the one of cooling is.
func TestEveryThresholdCanBeTried(t *testing.T) {
	for _, c := range []churn.Config{churn.Defaults(), {Horizon: churn.MinHorizon, CoolingAt: 0.9, AtRiskAt: 0.95, CoolingMargin: 0.85, AtRiskMargin: 0.9}} {
		for _, at := range []float64{MinThreshold, 0.001, 0.1, 0.6, 0.85, 0.9, MaxThreshold} {
			got := raisedAt(c, at)
			if err := got.Validate(); err != nil || got.AtRiskAt != at {
				t.Errorf("%v: %+v, %v", at, got, err)
			}
			if at > c.CoolingAt && got.CoolingAt != c.CoolingAt {
				t.Errorf("%v changes cooling_at from %v to %v", at, c.CoolingAt, got.CoolingAt)
			}
		}
	}
}

func TestRunRefuses(t *testing.T) {
	log := mustRead(t, shopFile(8, 30, 40))
	bad := configOf(0)
	bad.Churn.AtRiskAt = 2
	for name, c := range map[string]struct {
		config Config
		want   string
	}{
		"a threshold":    {bad, "at_risk_at is 2"},
		"resamples":      {Config{Churn: tenDays(), Resamples: -1}, "resamples is -1; set it from 0 to 10000"},
		"too many times": {Config{Churn: tenDays(), At: make([]int64, MaxTimes+1)}, "name at most 1000"},
		"a low one":      {Config{Churn: tenDays(), Thresholds: []float64{1}}, "thresholds: churn: at_risk_at is 1; set a probability above 0 and below 1"},
		"so many":        {Config{Churn: tenDays(), Thresholds: make([]float64, MaxThresholds+1)}, "21 thresholds; name at most 20"},
		"a time":         {Config{Churn: tenDays(), At: []int64{1}}, "evaluation time 1970-01-01T00:00:00Z"},
		"a long horizon": {Config{Churn: churn.Defaults()}, ErrTooShort.Error()},
	} {
		if _, err := Run(t.Context(), log, c.config, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestRunCanBeCanceled(t *testing.T) {
	log := mustRead(t, shopFile(9, 60, 60))
	for _, stage := range []string{StageStreaming, StageMeasuring} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := Run(ctx, log, configOf(50), func(p Progress) {
			if p.Stage == stage {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("canceled while %s: %v", stage, err)
		}
	}
}

// Without losses and without resamples there is a report, with null where
// there is nothing to say.
func TestReportWithoutLosses(t *testing.T) {
	log := mustRead(t, everyFile(1, 60))
	r := mustRun(t, log, configOf(0))
	text := encode(t, r)
	if !strings.Contains(text, `"auc_still_active":null`) || !strings.Contains(text, `"base_rate":0`) {
		t.Errorf("report %s", text)
	}
	if len(r.Portraits) != 1 || r.Portraits[0].Lost {
		t.Errorf("portraits %+v", r.Portraits)
	}
}

func TestShown(t *testing.T) {
	if got := shown(strings.Repeat("ä", 50) + "1"); got != strings.Repeat("ä", 24)+"…"+strings.Repeat("ä", 14)+"1" {
		t.Errorf("shown as %q", got)
	}
}
