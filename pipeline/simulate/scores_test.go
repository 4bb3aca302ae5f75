package simulate

import (
	"testing"
	"time"

	"ebb/pipeline"
	"ebb/pipeline/churn"
)

func TestScore(t *testing.T) {
	truth := []Loss{
		{Customer: "stays", Joined: 0},
		{Customer: "left", Joined: 0, LostAt: 100 * day},
		{Customer: "foreseen", Joined: 0, LostAt: 100 * day},
		{Customer: "missed", Joined: 0, LostAt: 65 * day},
	}
	signals := []Signal{
		{"stays", 10 * day, true}, {"stays", 11 * day, true}, {"stays", 20 * day, false}, // wrong, once
		{"left", 50 * day, true}, {"left", 60 * day, false}, // wrong
		{"left", 120 * day, true}, {"left", 130 * day, true}, // right, 20 days after
		{"left", 140 * day, false}, {"left", 150 * day, true}, // right again, later
		{"foreseen", 90 * day, true},                            // right, 10 days before
		{"missed", 30 * day, true}, {"missed", 65 * day, false}, // wrong: cleared as the loss came
		{"nobody", 5 * day, true}, // not part of the truth
		{"stays", 30 * day, false},
	}
	got := Score(signals, truth, 100*day)
	want := Scores{
		Customers: 4, Losses: 3, Alarms: 6, Right: 3, Detected: 2,
		Precision: 0.5, Recall: 2.0 / 3, MedianDelay: -10 * 24 * time.Hour,
		FalsePerYear: 3, // in 365 days of presence
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := Score(nil, nil, 0); got != (Scores{}) {
		t.Errorf("nothing scores %+v", got)
	}
}

// detect runs the churn model on a simulation, as a shard does: events by
// arrival, one timer per customer, a fit of the population every day.
func detect(t *testing.T, s *Simulator, config churn.Config) []Signal {
	t.Helper()
	model, err := churn.NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	vocabulary, decoder := pipeline.DefaultVocabulary(), pipeline.NewDecoder(0)
	index := map[string]uint32{}
	var states []churn.State
	var names []string
	var timers churn.Timers
	var signals []Signal

	settle := func(customer uint32, now int64) {
		state := &states[customer]
		for {
			change, ok := model.Evaluate(state, now)
			if !ok {
				break
			}
			signals = append(signals, Signal{names[customer], now, change.To >= churn.AtRisk})
		}
		state.SetTimer(model.NextCrossing(state, now))
		timers.Schedule(customer, state.Timer())
	}
	ring := func(now int64) {
		for {
			customer, at, ok := timers.Due(now)
			if !ok {
				return
			}
			settle(customer, at)
		}
	}
	nextFit := s.config.Start.UnixMilli()
	for {
		item, ok := s.Next()
		if !ok {
			break
		}
		for nextFit <= item.Arrival {
			ring(nextFit)
			var sum churn.Statistics
			for i := range states {
				sum.Add(model, &states[i], nextFit)
			}
			if population, ok := churn.Fit(sum); ok {
				population.Version = model.Population().Version + 1
				model.SetPopulation(population)
				for i := range states {
					settle(uint32(i), nextFit)
				}
			}
			nextFit += day
		}
		ring(item.Arrival)
		var ev pipeline.Event
		if decoder.Decode(item.Body, &ev) != nil || ev.Time > item.Arrival+hour {
			continue
		}
		class, err := vocabulary.Classify(&ev)
		if err != nil {
			t.Fatal(err)
		}
		customer, known := index[item.Customer]
		if !known {
			customer = uint32(len(states))
			index[item.Customer] = customer
			states = append(states, churn.State{})
			names = append(names, item.Customer)
		}
		if model.Observe(&states[customer], ev.Time, class.Qualifying) {
			settle(customer, item.Arrival)
		}
	}

	return signals
}

// The churn model finds most losses within weeks, and is rarely wrong. The
// bounds leave room for another draw of customers, not for another model.
func TestTheDetectorDetects(t *testing.T) {
	s := newSimulator(t, func(c *Config) { c.End = c.Start.AddDate(0, 10, 0) })
	scores := Score(detect(t, s, churn.Defaults()), s.Truth(), s.end)
	if scores.Losses < 200 {
		t.Fatalf("too few losses to tell: %+v", scores)
	}
	if scores.Precision < 0.85 {
		t.Errorf("%v of the alarms are right", scores.Precision)
	}
	if scores.Recall < 0.75 {
		t.Errorf("%v of the losses are detected", scores.Recall)
	}
	if scores.MedianDelay > 55*24*time.Hour || scores.MedianDelay < 0 {
		t.Errorf("the median delay is %v", scores.MedianDelay)
	}
	if scores.FalsePerYear > 0.2 {
		t.Errorf("%v false alarms a year for each customer", scores.FalsePerYear)
	}
}
