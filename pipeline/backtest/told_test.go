package backtest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"ebb/pipeline/churn"
)

// complainers are customers who come every five days on average. One visit in
// ten is followed by a word of the customer; whoever is about to go, mostly
// says a bad one, the others mostly a good one.
func complainers(word func(bad bool) churn.Event) *Log {
	random := rand.New(rand.NewPCG(7, 7))
	log := &Log{}
	for c := range uint32(150) {
		log.Customers = append(log.Customers, "")
		at := begins + random.Int64N(60*dayMS)
		for at < begins+240*dayMS {
			log.Events = append(log.Events, Event{Event: churn.Event{Time: at, Qualifying: true}, Clock: at, Customer: c})
			goes := random.IntN(15) == 0
			if goes || random.IntN(10) == 0 {
				e := word(goes == (random.IntN(10) > 0))
				e.Time = at + 1000
				log.Events = append(log.Events, Event{Event: e, Clock: e.Time, Customer: c})
			}
			if goes {
				break
			}
			at += int64(5 * float64(dayMS) * random.ExpFloat64())
		}
	}
	slices.SortStableFunc(log.Events, func(a, b Event) int { return cmp.Compare(a.Clock, b.Clock) })
	log.First, log.Last = log.Events[0].Clock, log.Events[len(log.Events)-1].Clock

	return log
}

// What customers say makes risks better, and more so once the stream has taught
// how much it means here.
func TestWordsOfCustomersTell(t *testing.T) {
	deaf := mustRun(t, complainers(func(bool) churn.Event { return churn.Event{} }), configOf(0))
	for name, word := range map[string]func(bad bool) churn.Event{
		"complaints": func(bad bool) churn.Event { return churn.Event{Negative: bad} },
		"ratings": func(bad bool) churn.Event {
			if bad {
				return churn.Event{Rated: true, Experience: -0.8}
			}

			return churn.Event{Rated: true, Experience: 0.6}
		},
	} {
		told := mustRun(t, complainers(word), configOf(0))
		t.Logf("%s: AUC %.3f instead of %.3f, Brier %.3f instead of %.3f", name, told.AUC, deaf.AUC, told.Brier, deaf.Brier)
		if told.AUC < deaf.AUC+0.02 || told.Brier > deaf.Brier-0.005 {
			t.Errorf("%s: AUC %v, Brier %v; without them %v and %v", name, told.AUC, told.Brier, deaf.AUC, deaf.Brier)
		}
		if told.LaterHalf.AUC < told.AUC-0.05 {
			t.Errorf("%s: AUC %v later, %v in all", name, told.LaterHalf.AUC, told.AUC)
		}
	}
}

// newcomers are customers who all come for the first time within a week, then
// every five days on average, and of whom one in fifteen visits is the last.
func newcomers() *Log {
	random := rand.New(rand.NewPCG(8, 7))
	log := &Log{}
	for c := range uint32(300) {
		log.Customers = append(log.Customers, "")
		for at := begins + random.Int64N(7*dayMS); at < begins+100*dayMS; at += int64(5 * float64(dayMS) * random.ExpFloat64()) {
			log.Events = append(log.Events, Event{Event: churn.Event{Time: at, Qualifying: true}, Clock: at, Customer: c})
			if random.IntN(15) == 0 {
				break
			}
		}
	}
	slices.SortStableFunc(log.Events, func(a, b Event) int { return cmp.Compare(a.Clock, b.Clock) })
	log.First, log.Last = log.Events[0].Clock, log.Events[len(log.Events)-1].Clock

	return log
}

// By default somebody is told of within one horizon of the start, before any
// outcome is known, whatever the horizon.
func TestFirstSignalsComeWithinAHorizon(t *testing.T) {
	log := newcomers()
	for _, days := range []int64{5, 10, 15, 20, 30, 45, 60, 90} {
		config := churn.Defaults()
		config.Horizon = days * dayMS
		e, err := newEngine(config, len(log.Customers), log.First)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.stream(t.Context(), log, func(uint64) {}); err != nil {
			t.Fatal(err)
		}
		first := slices.IndexFunc(e.changes, func(c Change) bool { return c.Raised && c.To == churn.AtRisk })
		if first < 0 {
			t.Errorf("with a horizon of %d days nobody is told of", days)
		} else if after := e.changes[first].At - log.First; after > config.Horizon {
			t.Errorf("with a horizon of %d days the first is told of after %.1f", days, float64(after)/float64(dayMS))
		}
	}
}
