package shard

import (
	"cmp"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/wire"
)

// CustomerReport is what is known of a customer at one place in the input. All
// times are Unix ms, all spans ms.
type CustomerReport struct {
	Customer   string `json:"customer"`
	Partition  int    `json:"partition"`
	Token      string `json:"token"`       // in subjects
	Sequence   uint64 `json:"sequence"`    // of the last record that the report includes
	Clock      int64  `json:"clock"`       // of the partition then: the report's now
	ImportOpen bool   `json:"import_open"` // the clock is the import's

	// Engaged is false where nothing has come yet that tells of engagement;
	// then there is no risk, and what follows says nothing.
	Engaged     bool          `json:"engaged"`
	Level       string        `json:"level"`
	Since       int64         `json:"since"`              // when the level was last raised; 0 if it never was
	Holdout     bool          `json:"holdout,omitempty"`  // do not act on their signals; compare
	Joined      bool          `json:"joined,omitempty"`   // an anonymous customer who is a known one: nothing is said of them any more
	Returned    bool          `json:"returned,omitempty"` // a new customer who had left before; nothing is known of that time
	Risk        float64       `json:"risk"`               // probability of no engagement in the next horizon, 0 to 1
	HorizonMS   int64         `json:"horizon_ms"`
	Value       float64       `json:"value"`         // expected in the next horizon if they go on as before; units of Currency, that of most of their orders
	ValueAtRisk float64       `json:"value_at_risk"` // Value times Risk
	Currency    string        `json:"currency,omitempty"`
	Episode     uint32        `json:"episode"`            // changes of level so far; of a returned customer see wire.Signal
	Headline    string        `json:"headline,omitempty"` // what the risk means
	Reasons     []wire.Reason `json:"reasons"`            // at most three, for leaving; for staying where none speaks for leaving
	IfBack      string        `json:"if_back,omitempty"`  // what would lower the risk
	Rhythm      Rhythm        `json:"rhythm"`

	Unheard *Unheard      `json:"unheard,omitempty"` // their silence may be that of the feed
	Next    *Crossing     `json:"next_crossing"`     // in silence; null: the level stays, at least while the feed is silent
	Scores  []ScorePoint  `json:"scores"`            // by time
	History []LevelChange `json:"history"`           // changes of level that the stream still holds, oldest first
	Notes   []string      `json:"notes,omitempty"`

	// Missing is not empty where the partition's state can't be read: what it
	// says is missing. Then all above is what the newest signal says, as of then.
	Missing string `json:"missing,omitempty"`
}

// Rhythm is what the model believes about a customer's visits. Visits that are
// close to each other, by the measure of the horizon, are one.
type Rhythm struct {
	UsualGap int64 `json:"usual_gap_ms"` // between visits; 0 after a single one
	Visits   int   `json:"visits"`       // those within a slot, an eighth of the horizon, are one
	Once     bool  `json:"once"`         // all of it is one visit
	First    int64 `json:"first_event"`  // first that tells of engagement
	Last     int64 `json:"last_event"`   // latest of those
	LastAny  int64 `json:"last_any"`     // latest event of any kind
	Silent   int64 `json:"silent_ms"`    // since Last
}

// Crossing is a change of level to come if nothing else does.
type Crossing struct {
	Level  string `json:"level"`
	Signal string `json:"signal"` // wire.Raised or wire.Cleared
	At     int64  `json:"at"`
	In     int64  `json:"in_ms"` // after the report's clock
}

// LevelChange is a signal of the customer.
type LevelChange struct {
	wire.Signal

	// Published is false where the change follows from records that no owner
	// has committed yet; the next one publishes it.
	Published bool `json:"published"`
}

// OlderChanges is how many changes of level the stream no longer holds, 0 of a
// returned customer, whose former changes nobody has counted.
func (r *CustomerReport) OlderChanges() int {
	if r.Returned {
		return 0
	}

	return max(0, int(r.Episode)-len(r.History))
}

// Customer looks a customer up. It reports false where the state does not hold them.
// The history is left to AddHistory.
func (v *View) Customer(customer string) (*CustomerReport, bool) {
	index, known := v.customers.Find([]byte(customer))
	if !known || v.customers.gone(index, v.at.clock) {
		return nil, false
	}
	state, model := v.customers.state(index), v.detector.model
	report := &CustomerReport{
		Customer:   customer,
		Partition:  v.at.partition,
		Token:      event.Token(customer),
		Sequence:   v.at.sequence,
		Clock:      v.at.clock,
		ImportOpen: v.at.imported.open,
		Engaged:    state.Known(),
		Level:      state.Level().String(),
		Since:      state.Since(),
		Holdout:    meaning.InHoldout(customer, v.signals.holdout),
		Joined:     state.Joined(),
		Returned:   state.Returned(),
		Risk:       model.Score(state, v.at.clock).Risk(),
		HorizonMS:  model.Horizon(),
		Episode:    state.Episode(),
		Reasons:    []wire.Reason{},
		Rhythm:     Rhythm{LastAny: state.LastAny()},
		Scores:     []ScorePoint{},
		History:    []LevelChange{},
	}
	if !state.Known() {
		return report, true
	}
	report.Value = toCent(model.Value(state))
	report.ValueAtRisk = toCent(report.Risk * model.Value(state))
	if report.Value > 0 {
		report.Currency = state.Currency().String()
	}
	report.Rhythm.First, report.Rhythm.Last = state.First(), state.Last()
	report.Rhythm.Silent = max(0, v.at.clock-state.Last())
	facts := model.Facts(state, v.at.clock)
	report.Rhythm.UsualGap, report.Rhythm.Visits, report.Rhythm.Once = facts.Every, facts.Visits, facts.Once
	v.addWords(report, state)
	report.Unheard = v.feed.unheard(index, state)
	report.Next = nextCrossing(model, *state, v.at.clock, v.feed.unheardUntil(state))
	report.Scores = silenceScores(model, state, v.at.clock, report.Next)

	return report, true
}

// addWords puts the report into words, as a signal of now would.
func (v *View) addWords(report *CustomerReport, state *churn.State) {
	model := v.detector.model
	reasons := model.Reasons(state, v.at.clock)
	if len(reasons) == 0 {
		report.Reasons = wireReasons(model.Recovery(state, v.at.clock))

		return
	}
	report.Headline = model.Headline(state, state.Level(), true, model.Score(state, v.at.clock))
	report.Reasons = wireReasons(reasons)
	_, report.IfBack = model.IfBack(*state, v.at.clock, reasons)
}

// nextCrossing says when silence changes the level, and to which. Nothing is
// raised as long as the customer is unheard.
func nextCrossing(model *churn.Model, state churn.State, now, unheardUntil int64) *Crossing {
	at := model.NextCrossing(&state, now)
	if at < unheardUntil && model.RaisesSilent(&state, at) {
		at = unheardUntil // churn.Never while the feed is silent
	}
	if at == churn.Never {
		return nil
	}
	change, ok := model.Evaluate(&state, at) // state is a copy
	if !ok {
		return nil
	}
	crossing := &Crossing{Level: change.To.String(), Signal: wire.Cleared, At: at, In: at - now}
	if change.Raised {
		crossing.Signal = wire.Raised
	}

	return crossing
}

// Pending are the signals of a customer that wait for the next cut.
func (v *View) Pending(customer string) (pending []wire.Signal) {
	for _, signal := range v.out.signals {
		if signal.Customer == customer {
			pending = append(pending, signal)
		}
	}

	return pending
}

// AddHistory puts together the signals that the stream holds and those that
// the copy has made on its way, which may be the same. What was stored for
// records behind the report is left out.
func (r *CustomerReport) AddHistory(stored, replayed []wire.Signal) {
	changes := make(map[uint32]LevelChange, len(stored)+len(replayed))
	for _, signal := range replayed {
		if signal.Signal == wire.Alert {
			continue // no change of level
		}
		changes[signal.Episode] = LevelChange{signal, false}
	}
	for _, signal := range stored {
		if signal.Customer == r.Customer && signal.Episode <= r.Episode && signal.Signal != wire.Alert {
			changes[signal.Episode] = LevelChange{signal, true}
		}
	}
	for _, change := range changes {
		r.History = append(r.History, change)
	}
	slices.SortFunc(r.History, func(a, b LevelChange) int { return cmp.Compare(a.Episode, b.Episode) })
	r.History = r.History[max(0, len(r.History)-HistoryLimit):]
	r.addSignalScores()
}

// HistoryLimit bounds how many of a customer's signals are read.
const HistoryLimit = 100
