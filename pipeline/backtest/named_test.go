package backtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/churn"
)

// payers are customers of a file of whom every second leaves, who pay in two
// currencies, the more the higher their number.
func payers(t *testing.T, mapping string) *Log {
	t.Helper()
	log := mustRead(t, shopFile(5, 120, 120))
	eur, usd := churn.CurrencyOf("EUR"), churn.CurrencyOf("USD")
	for i := range log.Events {
		e := &log.Events[i]
		switch mapping {
		case "paid":
			e.Value, e.Currency = 1+float64(e.Customer), eur
			if e.Customer%4 == 0 {
				e.Currency = usd
			}
		case "none":
			e.Value = 0
		}
	}

	return log
}

// Those who are named are the ones at risk at the end who were there lately, in
// the order of what is at stake, and their curves are the risks that the
// detector had.
func TestNamedAreThoseWithMostAtRisk(t *testing.T) {
	for _, kind := range []string{"paid", "none"} {
		t.Run(kind, func(t *testing.T) {
			log := payers(t, kind)
			s, err := newStream(log, tenDays(), days(40, 60, 80))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.run(t.Context(), func(Progress) {}); err != nil {
				t.Fatal(err)
			}
			r, err := s.report(t.Context(), configOf(0), nil)
			if err != nil {
				t.Fatal(err)
			}
			end := &r.AtEnd
			if end.Active < 3 || end.AtRisk < end.Active || len(end.Customers) != min(end.Active, namedCount) {
				t.Fatalf("%d at risk, %d of them active, %d named", end.AtRisk, end.Active, len(end.Customers))
			}
			var last = map[string]Named{}
			for _, c := range end.Customers {
				state := &s.engine.states[slices.Index(log.Customers, c.Customer)]
				if state.Level() != churn.AtRisk || log.Last-state.Last() > r.Horizon || c.Last != state.Last() {
					t.Errorf("%s is %v, silent for %s", c.Customer, state.Level(), Span(float64(log.Last-state.Last())))
				}
				if before, ok := last[c.Currency]; ok && (c.ValueAtRisk > before.ValueAtRisk || c.ValueAtRisk == before.ValueAtRisk && c.Risk > before.Risk) {
					t.Errorf("%s stands before %s, who has more to lose", before.Customer, c.Customer)
				}
				last[c.Currency] = c
				drawn := &c.Portrait
				if len(drawn.At) != len(drawn.Risk) || len(drawn.At) <= curvePoints || drawn.At[len(drawn.At)-1] != log.Last {
					t.Fatalf("the curve of %s has %d times and %d risks", c.Customer, len(drawn.At), len(drawn.Risk))
				}
				if got := drawn.Risk[len(drawn.Risk)-1]; math.Abs(got-float64(c.Risk)) > 1e-12 {
					t.Errorf("the curve of %s ends at %v, the risk is %v", c.Customer, got, c.Risk)
				}
			}
			if len(last) == 2 != (kind == "paid") {
				t.Errorf("named in %d currencies", len(last))
			}
		})
	}
}

// What is drawn after the run is what the model said on the way.
func TestCurvesAreWhatTheModelSaid(t *testing.T) {
	log := mustRead(t, shopFile(9, 60, 100))
	s, err := newStream(log, tenDays(), days(30, 50))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), func(Progress) {}); err != nil {
		t.Fatal(err)
	}
	risks, err := s.curves.draw(log, tenDays(), []uint32{3, 17})
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEngine(tenDays(), len(log.Customers), log.First)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for i, at := range s.curves.times {
		for next < len(log.Events) && log.Events[next].Clock <= at {
			if err := e.take(&log.Events[next]); err != nil {
				t.Fatal(err)
			}
			next++
		}
		if err := e.advance(at); err != nil {
			t.Fatal(err)
		}
		for j, who := range []int{3, 17} {
			if want := e.model.Steady(&e.states[who], at).Risk(); risks[j][i] != want {
				t.Fatalf("at %s the curve of %d has %v, the model said %v", instant(at), who, risks[j][i], want)
			}
		}
	}
	if slices.Max(risks[0]) < 0.1 || learnedBy(e) < 0.01 {
		t.Errorf("risks up to %v, weights moved by %v; the test needs more to see", slices.Max(risks[0]), learnedBy(e))
	}
}

// Currencies share the places by their customers; who has no value comes last.
func TestCurrenciesShareThePlaces(t *testing.T) {
	var all []Named
	for i := range 8 {
		all = append(all, Named{Customer: fmt.Sprintf("eur%d", i), ValueAtRisk: Number(100 + i), purse: 1})
	}
	for i := range 2 {
		all = append(all, Named{Customer: fmt.Sprintf("jpy%d", i), ValueAtRisk: Number(9000 + i), purse: 2})
	}
	for i := range 5 {
		all = append(all, Named{Customer: fmt.Sprintf("none%d", i), Risk: Number(0.5 + 0.1*float64(i)), purse: noPurse})
	}
	var names []string
	for _, one := range first(all) {
		names = append(names, one.Customer)
	}
	if got := strings.Join(names, " "); got != "eur7 eur6 jpy1 eur5 eur4 eur3 eur2 jpy0 eur1 eur0" {
		t.Errorf("named %s", got)
	}
	if got := first(all[10:]); len(got) != 5 || got[0].Customer != "none4" {
		t.Errorf("without values %+v", got)
	}
}

// Money counts the signals that count, each with its currency.
func TestMoneyOfSignals(t *testing.T) {
	j := scripted()
	eur := churn.CurrencyOf("EUR")
	worth := map[uint32]float64{0: 100, 1: 50}
	for i := range j.all {
		c := &j.all[i]
		if value := worth[c.Customer]; value > 0 && c.Raised && c.To == churn.AtRisk {
			c.Value, c.Currency = value, eur
		}
	}
	s := j.signals()
	if len(s.Money) != 1 || s.Money[0].Currency != "EUR" || s.Money[0].Signals == 0 || s.Money[0].Signals > s.Raised {
		t.Fatalf("money %+v of %d signals", s.Money, s.Raised)
	}
	var value, lost Number
	for _, c := range j.all {
		if c.Value > 0 && j.counts(c.Customer, &c.Change) {
			value += Number(c.Value)
			if j.truth.quiet(c.Customer, c.At, c.At+j.horizon) {
				lost += Number(c.Value)
			}
		}
	}
	if s.Money[0].Value != value || s.Money[0].Lost != lost || lost == 0 || lost == value {
		t.Errorf("money %+v, want %v of which %v lost", s.Money[0], value, lost)
	}
}
