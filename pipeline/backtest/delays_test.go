package backtest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/churn"
)

func delayConfig() DelayConfig {
	return DelayConfig{Churn: churn.Defaults(), Customers: 400, Regularity: 3, GapSpread: 0.5, Seed: 7}
}

// countFalseAlarms streams the customers of one half with the threshold known:
// one alarm for every silence that begins below it, reaches it, and ends.
func countFalseAlarms(t *testing.T, config DelayConfig, half int, threshold churn.Score) (alarms int) {
	t.Helper()
	e, err := newEngine(config.Churn, config.Customers, simulationStart)
	if err != nil {
		t.Fatal(err)
	}
	people := simulatePeople(config)
	var events []Event
	for who := range people {
		for _, at := range people[who].events {
			events = append(events, Event{Event: churn.Event{Time: at, Qualifying: true}, Clock: at, Customer: uint32(who)})
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return int(a.Clock - b.Clock) })
	below, alarm := make([]bool, config.Customers), make([]bool, config.Customers)
	reached := func(who int, now int64) bool { return e.model.Steady(&e.states[who], now) >= threshold }
	day := simulationStart + dayMS
	for _, event := range events {
		for ; day < event.Clock; day += dayMS {
			if err := e.advance(day); err != nil {
				t.Fatal(err)
			}
			for who := range people {
				alarm[who] = alarm[who] || day >= watchStart && reached(who, day)
			}
		}
		who := int(event.Customer)
		counted := halfOf(who) == half && watchStart < event.Clock && event.Clock <= watchEnd
		if counted && below[who] && (alarm[who] || reached(who, event.Clock)) {
			alarms++
		}
		if err := e.take(&event); err != nil {
			t.Fatal(err)
		}
		below[who], alarm[who] = !reached(who, event.Clock), false
	}

	return alarms
}

func TestDelays(t *testing.T) {
	config := delayConfig()
	w, err := newWatcher(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	threshold := w.threshold()
	allowed := alarmsAllowed * w.present[tuned]
	if got := countFalseAlarms(t, config, tuned, threshold); float64(got) > allowed || got != int(w.falseAlarms(tuned, threshold)) {
		t.Errorf("%d false alarms at the threshold %v of the half that sets it; %d were counted, %v are allowed",
			got, threshold.Risk(), w.falseAlarms(tuned, threshold), allowed)
	}
	if lower := w.falseAlarms(tuned, threshold-1); float64(lower) <= allowed {
		t.Errorf("a threshold below %v has only %d false alarms, of %v allowed", threshold.Risk(), lower, allowed)
	}
	var years float64
	for who, p := range w.people {
		if halfOf(who) == tuned {
			years += max(0, float64(min(p.lost, watchEnd)-watchStart)) / yearMS
		}
	}
	if math.Abs(w.present[tuned]-years) > 0.01*years {
		t.Errorf("customers were there for %v years, want about %v", w.present[tuned], years)
	}

	d, err := MeasureDelays(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	lost := 0
	for who := range w.people {
		if halfOf(who) == read && w.people[who].lostWatched() {
			lost++
		}
	}
	days, byRule := w.delays(threshold), w.delaysOfRule(w.silence())
	if d.Losses != lost || len(days) != lost || len(byRule) != lost || slices.Min(days) < 0 || slices.Min(byRule) < 0 {
		t.Errorf("%d losses, %d and %d delays from %v and %v days; %d customers were lost",
			d.Losses, len(days), len(byRule), slices.Min(days), slices.Min(byRule), lost)
	}
	if !(0 < d.Informed && d.Informed < d.Median) {
		t.Errorf("the rule that knows all takes %v days, the detector %v", d.Informed, d.Median)
	}
	if d.Threshold != Number(threshold.Risk()) || d.Customers != config.Customers || d.Regularity != config.Regularity {
		t.Errorf("%+v, want the threshold %v", d, threshold.Risk())
	}
	if !(0 < d.Median && d.Median < d.Ninetieth && d.Ninetieth < 180) || !(d.SilentRule > 0) || !(d.AUC > 0.9) {
		t.Errorf("%+v", d)
	}
	slices.Sort(days)
	if Number(quantile(days, 0.5)) != d.Median || Number(quantile(days, 0.9)) != d.Ninetieth {
		t.Errorf("the same again has other delays: %+v, %v", d, days)
	}
}

func TestDelayIsReadBetweenTheLooks(t *testing.T) {
	// Lost a quarter of a day before the first look.
	l := loss{first: dayMS / 4, scores: []churn.Score{100, 200, 300, 700}}
	for threshold, want := range map[churn.Score]float64{
		50: 0, 100: 0, 150: 0.125, 200: 0.25, 250: 0.75, 300: 1.25, 400: 1.5, 700: 2.25, 701: math.Inf(1),
	} {
		if got := l.delay(threshold); got != want {
			t.Errorf("%v days until %d, want %v", got, threshold, want)
		}
	}
}

func TestGammaTail(t *testing.T) {
	for _, x := range []float64{1e-6, 0.1, 1, 3, 10, 40, 600} {
		for k, want := range map[float64]float64{
			0.5: math.Erfc(math.Sqrt(x)),
			1:   math.Exp(-x),
			3:   math.Exp(-x) * (1 + x + x*x/2),
		} {
			if got := gammaTail(k, x); math.Abs(got-want) > 1e-12 {
				t.Errorf("gamma(%v) is above %v with the probability %v, want %v", k, x, got, want)
			}
		}
	}
}

// TestInformedRuleIsCalibrated compares what the rule believes of the silences
// at one moment with who has left.
func TestInformedRuleIsCalibrated(t *testing.T) {
	for _, k := range []float64{0.5, 1, 8} {
		config := delayConfig()
		config.Customers, config.Regularity = 20_000, k
		people := simulatePeople(config)
		rule := newInformed(config, people)
		const now = watchStart + 200*dayMS
		var believed, left [5]float64
		for i := range people {
			p := &people[i]
			last := -1
			for last+1 < len(p.events) && p.events[last+1] <= now {
				last++
			}
			if last < 0 || now-p.events[last] > 120*dayMS {
				continue
			}
			weights := rule.believed(last, p.events[last]-p.events[0])
			gone := 1 - 1/(1+rule.odds(&weights, now-p.events[last]))
			class := min(int(5*gone), 4)
			believed[class] += gone
			if p.lost <= now {
				left[class]++
			}
		}
		for class := range believed {
			if math.Abs(believed[class]-left[class]) > 4*math.Sqrt(believed[class]) {
				t.Errorf("regularity %v: %.0f are believed to have left from %v of 5 on, %.0f have", k, believed[class], class, left[class])
			}
		}
	}
}

func TestSimulatedCustomers(t *testing.T) {
	config := delayConfig()
	config.Customers = 2000
	var watched int
	for i, p := range simulatePeople(config) {
		if len(p.events) == 0 || !slices.IsSorted(p.events) || p.events[0] < simulationStart || p.events[0] > watchStart ||
			p.events[len(p.events)-1] > p.lost || p.lost > simulationEnd {
			t.Fatalf("customer %d: lost at %d, events %v", i, p.lost, p.events)
		}
		if p.lostWatched() {
			watched++
		}
	}
	// Of lives that begin 0 to 180 days before the measured year.
	const mean = 400.0
	survive := mean / 180 * (1 - math.Exp(-180/mean))
	if want := 2000 * survive * (1 - math.Exp(-365/mean)); math.Abs(float64(watched)-want) > 100 {
		t.Errorf("%d losses in the measured year, want about %.0f", watched, want)
	}
}

func TestMeasureDelaysRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*DelayConfig)
		want   string
	}{
		"one customer":   {func(c *DelayConfig) { c.Customers = 1 }, "customers is 1; set it from 2 to 1000000"},
		"no regularity":  {func(c *DelayConfig) { c.Regularity = 0 }, "regularity is 0; set it above 0"},
		"a clock":        {func(c *DelayConfig) { c.Regularity = 1e9 }, "regularity is 1e+09; set it above 0, such as 1 for a Poisson process, and at most 1000"},
		"unlike":         {func(c *DelayConfig) { c.GapSpread = 3 }, "gap_spread is 3; set it from 0"},
		"not a number":   {func(c *DelayConfig) { c.Regularity = math.NaN() }, "regularity is NaN"},
		"the detector's": {func(c *DelayConfig) { c.Churn.Horizon = 0 }, "horizon is 0"},
	} {
		config := delayConfig()
		c.change(&config)
		if _, err := MeasureDelays(t.Context(), config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := MeasureDelays(ctx, delayConfig()); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
