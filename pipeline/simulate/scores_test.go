package simulate

import (
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/format/native"
	"ebb/pipeline/vocabulary"
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
// arrival, one timer per customer, a coordinator that learns at every step.
func detect(t *testing.T, s *Simulator, config churn.Config) []Signal {
	t.Helper()
	model, err := churn.NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	vocab, decoder := vocabulary.DefaultVocabulary(), native.NewDecoder(0)
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
		state.SetTimer(model.NextLook(state, now))
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
	sampler := churn.NewSampler(model, 1)
	coordinator := coordinate.NewCoordinator(1, nil)
	state := func(customer uint32) *churn.State { return &states[customer] }
	learn := func(now int64) {
		sampler.Draw(model, now, uint32(len(states)), state)
		report := fact.StatisticsReport{
			Schema: 2, Coordinate: uint64(model.Step(now)), Clock: now, Step: model.Step(now), Parameters: *model.Parameters(),
			Rows: churn.AppendRows(nil, sampler.Report(model, now, state)),
		}
		for i := range states {
			report.Statistics.Add(model, &states[i], now)
		}
		answer, ok, err := coordinator.Offer(report, false)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		changed := model.SetParameters(answer.Parameters)
		sampler.Learned(model.Parameters().Step)
		for i := range states {
			if changed && states[i].Known() {
				settle(uint32(i), now)
			}
		}
	}
	next := (model.Step(s.config.Start.UnixMilli()) + 1) * model.Slot()
	for {
		item, ok := s.Next()
		if !ok {
			break
		}
		for ; next <= item.Arrival; next += model.Slot() {
			ring(next)
			learn(next)
		}
		ring(item.Arrival)
		var ev event.Event
		if decoder.Decode(item.Body, &ev) != nil || ev.Time > item.Arrival+hour {
			continue
		}
		class, err := vocab.Classify(&ev)
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
		if model.Observe(&states[customer], vocab.Engagement(&ev, class)) {
			settle(customer, item.Arrival)
		}
	}

	return signals
}

// The churn model finds most losses within weeks, and is seldom wrong. A lower
// threshold finds them sooner and is wrong more often, a higher one the other
// way round. The bounds leave room for another draw of customers, not for
// another model.
func TestTheDetectorDetects(t *testing.T) {
	for _, test := range []struct {
		atRiskAt, precision, recall, falsePerYear float64
		delay                                     time.Duration
	}{
		{0.7, 0.67, 0.88, 0.7, 25 * 24 * time.Hour},
		{0.85, 0.85, 0.84, 0.24, 37 * 24 * time.Hour},
		{0.92, 0.91, 0.82, 0.12, 46 * 24 * time.Hour},
	} {
		s := newSimulator(t, func(c *Config) { c.End = c.Start.AddDate(0, 10, 0) })
		config := churn.Defaults().Fixed(0.6, test.atRiskAt)
		scores := Score(detect(t, s, config), s.Truth(), s.end)
		t.Logf("at risk from %v: %+v", test.atRiskAt, scores)
		if scores.Losses < 200 {
			t.Fatalf("too few losses to tell: %+v", scores)
		}
		if scores.Precision < test.precision {
			t.Errorf("at risk from %v: %v of the alarms are right", test.atRiskAt, scores.Precision)
		}
		if scores.Recall < test.recall {
			t.Errorf("at risk from %v: %v of the losses are detected", test.atRiskAt, scores.Recall)
		}
		if scores.MedianDelay > test.delay || scores.MedianDelay < 0 {
			t.Errorf("at risk from %v: the median delay is %v", test.atRiskAt, scores.MedianDelay)
		}
		if scores.FalsePerYear > test.falsePerYear {
			t.Errorf("at risk from %v: %v false alarms a year for each customer", test.atRiskAt, scores.FalsePerYear)
		}
	}
}
