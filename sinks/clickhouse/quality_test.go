package clickhouse_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/backtest/skill"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// The horizon of the tests below is 80 minutes, so a step is ten.
const (
	qualityHorizon = 80 * minute
	qualityStep    = 10 * minute
	newestStep     = 40 // of the rows
)

// told is a risk and its outcome, as a shard has told of it.
type told struct {
	segment   string
	partition int
	step      int64
	risk      int64 // in units of 0.0001
	lost      bool
	overlap   int64
}

// rowsOf packs risks the way shards do.
func rowsOf(all []told) []sinks.Quality {
	type key struct {
		segment   string
		partition int
		step      int64
		bin       int
	}
	sums := map[key]*sinks.Quality{}
	var rows []*sinks.Quality
	for _, r := range all {
		k := key{r.segment, r.partition, r.step, int(min(r.risk/1000, 9))}
		row := sums[k]
		if row == nil {
			row = &sinks.Quality{
				Partition: r.partition, Version: 5, Time: r.step * qualityStep, HorizonMS: qualityHorizon,
				QualityBin: wire.QualityBin{Segment: r.segment, Bin: k.bin},
			}
			sums[k] = row
			rows = append(rows, row)
		}
		wrong := r.risk
		if r.lost {
			row.Lost++
			wrong -= 10_000
		}
		row.Rows++
		row.RiskSum += r.risk
		row.BrierSum += wrong * wrong
		row.Overlap += r.overlap
	}
	out := make([]sinks.Quality, len(rows))
	for i, row := range rows {
		out[i] = *row
	}

	return out
}

// someTold draws risks that are right but for a factor on their odds.
func someTold(random *rand.Rand, segment string, n int, odds float64) []told {
	all := make([]told, n)
	for i := range all {
		risk := float64(random.IntN(10_001)) / 10_000
		truth := risk * odds / (risk*odds + 1 - risk)
		all[i] = told{
			segment: segment, partition: random.IntN(3), step: newestStep - random.Int64N(16),
			risk: int64(risk * 10_000), lost: random.Float64() < truth, overlap: random.Int64N(8),
		}
	}

	return all
}

// writeQuality writes the rows twice, with a clock right at the newest step.
func writeQuality(t *testing.T, conn driver.Conn, all []told) {
	t.Helper()
	const clock = newestStep * qualityStep
	older := rowsOf(all)
	for i := range older {
		older[i].Version, older[i].Rows = 4, 1_000_000
	}
	b := &sinks.Batch{Quality: rowsOf(all)}
	for partition := range 3 {
		b.Pipeline = append(b.Pipeline, wire.PipelineRow{Header: wire.Header{Partition: partition, Version: 1, Clock: clock}, Time: clock})
	}
	sink := clickhouse.New(conn)
	for _, batch := range []*sinks.Batch{{Quality: older}, b, b} {
		if err := sink.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
}

// quality is what v_model_quality says of a segment.
type quality struct {
	rows, lost                              uint64
	cases                                   float64
	tooFew                                  bool
	observed, low, high, mean               *float64
	oe, oeLow, oeHigh, brier, skill, ece, a *float64
}

func qualityBySegment(t *testing.T, conn driver.Conn) map[string]quality {
	t.Helper()
	out := map[string]quality{}
	read(t, conn, "SELECT segment, rows, lost, cases, too_few, observed, low, high, mean_risk, observed_over_expected, oe_low, oe_high, brier, brier_skill, ece, auc FROM v_model_quality",
		func(rows driver.Rows) error {
			var segment string
			var q quality
			err := rows.Scan(&segment, &q.rows, &q.lost, &q.cases, &q.tooFew, &q.observed, &q.low, &q.high, &q.mean,
				&q.oe, &q.oeLow, &q.oeHigh, &q.brier, &q.skill, &q.ece, &q.a)
			out[segment] = q

			return err
		})

	return out
}

// TestModelQualityAgainstGo compares the view with the figures of package
// metric over the single risks.
func TestModelQualityAgainstGo(t *testing.T) {
	conn := migrated(t)
	random := rand.New(rand.NewPCG(1, 2))
	bySegment := map[string][]told{
		"one_time": someTold(random, "one_time", 300, 1), "newcomer": someTold(random, "newcomer", 400, 1.5),
		"regular": someTold(random, "regular", 5000, 1), "long_silent": someTold(random, "long_silent", 700, 4),
	}
	var all []told
	for _, segment := range []string{"one_time", "newcomer", "regular", "long_silent"} {
		all = append(all, bySegment[segment]...)
	}
	for _, segment := range []string{"one_time", "newcomer", "regular"} {
		bySegment["active"] = append(bySegment["active"], bySegment[segment]...)
	}
	outside := told{segment: "regular", step: newestStep - 16, risk: 9999} // of an earlier horizon
	tomorrow := told{segment: "regular", step: newestStep + 1, risk: 9999} // not every partition is there yet
	writeQuality(t, conn, append(all, outside, tomorrow))

	got := qualityBySegment(t, conn)
	if len(got) != len(bySegment) {
		t.Errorf("segments %v", got)
	}
	for segment, told := range bySegment {
		compareQuality(t, segment, got[segment], told)
	}
}

func compareQuality(t *testing.T, segment string, got quality, all []told) {
	t.Helper()
	rows, binned := make([]skill.Row, len(all)), make([]skill.Row, len(all))
	var gaps [10]float64
	var overlap float64
	for i, r := range all {
		rows[i] = skill.Row{Score: float64(r.risk) / 10_000, Lost: r.lost}
		binned[i] = skill.Row{Score: float64(min(r.risk/1000, 9)), Lost: r.lost}
		gaps[int(binned[i].Score)] += rows[i].Score
		if r.lost {
			gaps[int(binned[i].Score)]--
		}
		overlap += float64(r.overlap)
	}
	groups := skill.Rank(rows).Groups(nil, nil)
	n := float64(len(all))
	total, lost := skill.Total(groups)
	cases := n / (1 + 2*overlap/8/n)
	base, expected := skill.BaseRate(groups), lost/skill.ObservedOverExpected(groups)
	ece := 0.0
	for _, gap := range gaps {
		ece += math.Abs(gap) / n
	}
	if got.tooFew || float64(got.rows) != total || float64(got.lost) != lost || math.Abs(got.cases-cases) > 1e-6 {
		t.Fatalf("%s: %+v, want %v rows, %v lost, %v cases", segment, got, total, lost, cases)
	}
	low, high := wilson(base, cases)
	for name, pair := range map[string]struct {
		got  *float64
		want float64
	}{
		"observed": {got.observed, base}, "low": {got.low, low}, "high": {got.high, high}, "mean": {got.mean, expected / n},
		"o/e": {got.oe, skill.ObservedOverExpected(groups)}, "o/e low": {got.oeLow, low * n / expected}, "o/e high": {got.oeHigh, high * n / expected},
		"brier": {got.brier, skill.Brier(groups)}, "skill": {got.skill, 1 - skill.Brier(groups)/(base*(1-base))},
		"ece": {got.ece, ece}, "auc": {got.a, skill.AUC(skill.Rank(binned).Groups(nil, nil))},
	} {
		if pair.got == nil || math.Abs(*pair.got-pair.want) > 1e-9 {
			t.Errorf("%s: %s is %v, want %v", segment, name, pair.got, pair.want)
		}
	}
	whole := skill.AUC(groups)
	if *got.a > whole || *got.a < whole-0.02 {
		t.Errorf("%s: AUC is %v, that of the single risks %v", segment, *got.a, whole)
	}
}

// wilson solves the interval's own equation, |share − p| = z sqrt(p(1−p)/n),
// by bisection, which the view does in closed form.
func wilson(share, n float64) (low, high float64) {
	const z = 1.959963984540054
	edge := func(inside, outside float64) float64 {
		for range 200 {
			p := (inside + outside) / 2
			if math.Abs(share-p) < z*math.Sqrt(p*(1-p)/n) {
				inside = p
			} else {
				outside = p
			}
		}

		return inside
	}

	return edge(share, 0), edge(share, 1)
}

// Risks that are right have an observed share within its interval about 19
// times in 20; of risks that are wrong the view says so.
func TestIntervalsTellRightRisksFromWrongOnes(t *testing.T) {
	conn := migrated(t)
	const populations = 30
	within := func(odds float64) (n int) {
		for i := range populations {
			random := rand.New(rand.NewPCG(uint64(i), uint64(10*odds)))
			all := someTold(random, "regular", 1500, odds)
			for j := range all {
				all[j].overlap = 0 // they are independent
			}
			if err := conn.Exec(t.Context(), "TRUNCATE TABLE model_quality"); err != nil {
				t.Fatal(err)
			}
			if err := clickhouse.New(conn).Write(t.Context(), &sinks.Batch{Quality: rowsOf(all)}); err != nil {
				t.Fatal(err)
			}
			q := qualityBySegment(t, conn)["regular"]
			if q.oeLow == nil || q.oeHigh == nil {
				t.Fatalf("no interval: %+v", q)
			}
			if *q.oeLow <= 1 && *q.oeHigh >= 1 {
				n++
			}
		}

		return n
	}
	clock := &sinks.Batch{Pipeline: []wire.PipelineRow{{Header: wire.Header{Version: 1, Clock: newestStep * qualityStep}, Time: 1}}}
	if err := clickhouse.New(conn).Write(t.Context(), clock); err != nil {
		t.Fatal(err)
	}
	if n := within(1); n < populations-4 {
		t.Errorf("%d of %d right populations have 1 within the interval", n, populations)
	}
	if n := within(2); n > 0 {
		t.Errorf("%d of %d populations with twice the odds have 1 within the interval", n, populations)
	}
}

// One case fewer than enough, and the figure is not there.
func TestTooFewCases(t *testing.T) {
	conn := migrated(t)
	some := func(segment string, rows, lost int, overlap int64) (all []told) {
		for i := range rows {
			all = append(all, told{segment: segment, step: newestStep, risk: 5000, lost: i < lost, overlap: overlap})
		}

		return all
	}
	for name, test := range map[string]struct {
		told []told
		want bool
	}{
		"100 rows, 10 lost":         {some("regular", 100, 10, 0), false},
		"100 rows, 90 lost":         {some("regular", 100, 90, 0), false},
		"99 rows":                   {some("regular", 99, 50, 0), true},
		"9 lost":                    {some("regular", 100, 9, 0), true},
		"9 back":                    {some("regular", 100, 91, 0), true},
		"800 rows of 100 customers": {some("regular", 800, 400, 28), false},
		"792 rows of 99 customers":  {some("regular", 792, 400, 28), true},
	} {
		if err := conn.Exec(t.Context(), "TRUNCATE TABLE model_quality"); err != nil {
			t.Fatal(err)
		}
		writeQuality(t, conn, test.told)
		q := qualityBySegment(t, conn)["regular"]
		figures := fmt.Sprint(q.observed == nil, q.low == nil, q.oe == nil, q.oeHigh == nil, q.brier == nil, q.skill == nil, q.ece == nil, q.a == nil, q.mean == nil)
		want := fmt.Sprint(test.want, test.want, test.want, test.want, test.want, test.want, test.want, test.want, test.want)
		if q.tooFew != test.want || figures != want {
			t.Errorf("%s: too few %t, figures missing %s", name, q.tooFew, figures)
		}
	}
}

// TestReliability has few rows in one bin and enough in another.
func TestReliability(t *testing.T) {
	conn := migrated(t)
	var all []told
	for i := range 40 {
		all = append(all, told{segment: "regular", step: newestStep - int64(i%16), risk: 8000 + int64(i), lost: i < 30, overlap: 4})
	}
	for range 9 {
		all = append(all, told{segment: "regular", step: newestStep, risk: 10_000, lost: true})
	}
	writeQuality(t, conn, all)
	found := 0
	read(t, conn, "SELECT bin, rows, lost, cases, too_few, mean_risk, observed, low, high FROM v_reliability WHERE segment = 'active' ORDER BY bin",
		func(rows driver.Rows) error {
			var bin uint8
			var n, lost uint64
			var cases float64
			var tooFew bool
			var mean, observed, low, high *float64
			if err := rows.Scan(&bin, &n, &lost, &cases, &tooFew, &mean, &observed, &low, &high); err != nil {
				return err
			}
			found++
			if bin == 9 {
				if n != 9 || lost != 9 || !tooFew || mean != nil || observed != nil || low != nil || high != nil {
					t.Errorf("bin 9: %d rows, %d lost, too few %t, %v %v %v %v", n, lost, tooFew, mean, observed, low, high)
				}

				return nil
			}
			wantLow, wantHigh := wilson(0.75, 20) // 40 rows, each of which has half a horizon in common with another
			if bin != 8 || n != 40 || lost != 30 || tooFew || math.Abs(cases-20) > 1e-9 || math.Abs(*mean-0.80195) > 1e-9 ||
				*observed != 0.75 || math.Abs(*low-wantLow) > 1e-9 || math.Abs(*high-wantHigh) > 1e-9 {
				t.Errorf("bin %d: %d rows, %d lost, %v cases, too few %t, %v %v %v %v", bin, n, lost, cases, tooFew, *mean, *observed, *low, *high)
			}

			return nil
		})
	if found != 2 {
		t.Errorf("%d bins", found)
	}
}

// TestSignalQuality has a horizon of 3 days and a clock of 30.
func TestSignalQuality(t *testing.T) {
	conn := migrated(t)
	const dayMS = 24 * 60 * minute
	const horizon = 3 * dayMS
	b := &sinks.Batch{
		Pipeline: []wire.PipelineRow{{Header: wire.Header{Version: 1, Clock: 30 * dayMS}, Time: 30 * dayMS}},
		Levels: []wire.LevelsRow{
			{Header: wire.Header{Version: 1}, Time: 2 * dayMS, Healthy: 10}, // until day 4
			{Header: wire.Header{Version: 2}, Time: 4 * dayMS, Healthy: 15, AtRisk: 5},
		},
	}
	signal := func(customer string, episode uint32, kind, previous, level string, at, last int64) {
		b.Signals = append(b.Signals, wire.Signal{
			Signal: kind, Customer: customer, Level: level, Previous: previous, Episode: episode, At: at, Risk: 0.75,
			HorizonMS: horizon, LastEvent: last, SilentMS: at - last, Holdout: customer[0] == 'h',
		})
	}
	raised := func(customer string, at int64) { signal(customer, 2, wire.Raised, "cooling", "at_risk", at, at-dayMS) }
	for i := range 100 {
		customer := fmt.Sprint("c", i)
		at := int64(10+i%10) * dayMS
		raised(customer, at)
		switch {
		case i < 10: // cleared at once
			signal(customer, 3, wire.Cleared, "at_risk", "cooling", at+dayMS, at+dayMS)
		case i < 15: // cleared later
			signal(customer, 3, wire.Cleared, "at_risk", "cooling", at+2*dayMS, at+2*dayMS)
		case i < 20: // came, though nothing cleared the level
			signal(customer, 3, wire.Raised, "at_risk", "lapsed", at+5*dayMS, at+2*dayMS)
		case i < 60: // lapsed
			signal(customer, 3, wire.Raised, "at_risk", "lapsed", at+horizon, at-dayMS)
		case i < 70: // came back after the horizon
			signal(customer, 3, wire.Cleared, "lapsed", "at_risk", at+2*horizon, at+2*horizon)
		}
	}
	raised("h1", 10*dayMS-dayMS/2) // the first signal, of day 9
	raised("open", 28*dayMS)       // its horizon is not over
	signal("hslow", 2, wire.Raised, "cooling", "at_risk", 20*dayMS, 15*dayMS)

	// Alerts within a budget are no changes of level, and begin no day.
	signal("h1", 2, wire.Alert, "at_risk", "at_risk", 8*dayMS, 8*dayMS)
	signal("c99", 2, wire.Alert, "at_risk", "at_risk", 20*dayMS, 18*dayMS)
	if err := clickhouse.New(conn).Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}

	low, high := wilson(0.8, 100)
	for query, want := range map[string]string{
		"SELECT holdout, alerts, right, too_few, precision, lead_days_median, cleared_within_24h FROM v_signal_quality ORDER BY holdout": "[(false,100,80,false,0.8,2,0.1),(true,2,2,true,NULL,NULL,NULL)]",
		"SELECT round(low, 6), round(high, 6) FROM v_signal_quality WHERE NOT holdout":                                                   fmt.Sprintf("[(%.6f,%.6f)]", low, high),
		// Nothing else may tell a share of too few.
		"SELECT * FROM v_signal_quality WHERE too_few":                                         "[(true,2,2,true,NULL,NULL,NULL,NULL,NULL,NULL,NULL)]",
		"SELECT round(promised, 6), days_after_median FROM v_signal_quality WHERE NOT holdout": "[(0.75,1)]",
		// Who is told of after a horizon of silence is told after the loss was certain.
		"SELECT lead_days, days_after FROM v_alerts WHERE customer = 'hslow'":                "[(-2,5)]",
		"SELECT count(), countIf(lead_days IS NULL) FROM v_alerts WHERE customer != 'hslow'": "[(101,20)]",
		// From the day of the first signal on, 20 customers for 21 days.
		"SELECT day, level_changes, customer_days FROM v_unrest WHERE customer_days != 20 OR level_changes > 20 ORDER BY day": "[]",
		"SELECT sum(level_changes), sum(customer_days) FROM v_unrest":                                                         "[(173,420)]",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), fmt.Sprintf("SELECT toString(groupArray(tuple(*))) FROM (%s)", query)).Scan(&got); err != nil {
			t.Errorf("%s: %v", query, err)
		} else if got != want {
			t.Errorf("%s\n is  %s\nwant %s", query, got, want)
		}
	}
}
