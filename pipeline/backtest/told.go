package backtest

import (
	"slices"

	"ebb/pipeline/churn"
)

// inTime is the part of the horizon that a silence may have lasted for telling
// of the loss to be in time.
const inTime = 0.6

// SilentFor is the rule that raises whoever has been silent for so long: what
// signals would be worth without a model. Its length is chosen on the very log: so
// that it raises as many signals as the detector did (silentFor), or as late
// (asLate).
type SilentFor struct {
	Days           Number `json:"days"`
	Raised         int    `json:"raised"`
	Precision      Number `json:"precision"`
	RecallInTime   Number `json:"recall_in_time"`
	ShareSignalled Number `json:"share_signalled"`
}

// Told is one signal.
type Told struct {
	At    int64   // Unix ms
	After float64 // days after the last engagement
	Lost  bool    // no qualifying event in the horizon after it
}

// told judges signals and rules over the same silences, those that begin in the
// span, so that both have the same customers to choose from.
type told struct {
	*judge
	active float64 // customers who engaged in the last horizon, at an average time
}

// newTold knows how many customers are active at an average time: each is from an
// engagement until a horizon later. It costs as much as there are engagements,
// however short the horizon is.
func newTold(j *judge) told {
	var sum int64 // ms
	for c := range j.changes {
		until := j.from // the customer is counted up to then
		for _, at := range j.truth.of(uint32(c)) {
			from, to := max(at, until), min(at+j.horizon, j.until)
			sum += max(to-from, 0)
			until = max(until, to)
		}
	}

	return told{judge: j, active: float64(sum) / float64(j.until-j.from)}
}

// share is how many signals there were for an active customer in a horizon.
func (t told) share(raised int) Number {
	return Number(float64(raised) * float64(t.horizon) / float64(t.until-t.from) / t.active)
}

// each yields the silences that begin in the span.
func (t told) each(yield func(customer uint32, began, lasted int64)) {
	for c := range t.changes {
		t.silences(uint32(c), func(began, lasted int64) {
			if t.within(began) {
				yield(uint32(c), began, lasted)
			}
		})
	}
}

// signals adds what the detector's signals were worth.
func (t told) signals(s *Signals) {
	var losses, known int
	var promised float64
	t.each(func(customer uint32, began, lasted int64) {
		if lasted <= t.horizon {
			return
		}
		losses++
		by := began + int64(inTime*float64(t.horizon))
		if since, ok := atRiskSince(t.changes[customer], by); ok && since <= by {
			known++
		}
	})
	var days []float64
	for c, changes := range t.changes {
		for _, change := range changes {
			if t.counts(uint32(c), &change) {
				promised += change.Score.Risk()
				after := float64(change.At-t.last(uint32(c), change.At)) / float64(dayMS)
				days = append(days, after)
				s.told = append(s.told, Told{change.At, after, t.truth.quiet(uint32(c), change.At, change.At+t.horizon)})
			}
		}
	}
	slices.Sort(days)
	s.RecallInTime = share(known, losses)
	s.ShareSignalled = t.share(s.Raised)
	s.DaysAfter = Number(quantile(days, 0.5))
	s.Promised = Number(promised / float64(len(days)))
}

// counts says whether a change is a signal whose silence began, and whose
// outcome is known, in the span.
func (j *judge) counts(customer uint32, change *churn.Change) bool {
	return change.Raised && change.To == churn.AtRisk && j.within(change.At) && j.within(j.last(customer, change.At))
}

// silentFor chooses the rule that raises at most as many signals, and about as
// many.
func (t told) silentFor(raised int) (rule SilentFor) {
	low, high := int64(0), t.until-t.from+1 // so long that nobody is raised
	for high-low > t.horizon/1000+1 {
		middle := low + (high-low)/2
		if t.rule(middle).Raised > raised {
			low = middle
		} else {
			high = middle
		}
	}

	return t.rule(high)
}

// asLate is the rule that raises so many days after the last engagement.
func (t told) asLate(days Number) SilentFor {
	if !(days >= 0) {
		return SilentFor{Days: days, Precision: share(0, 0), RecallInTime: share(0, 0)}
	}

	return t.rule(int64(float64(days) * float64(dayMS)))
}

func (t told) rule(silence int64) SilentFor {
	var raised, right, losses, known int
	t.each(func(_ uint32, began, lasted int64) {
		if lasted > t.horizon {
			losses++
			if silence <= int64(inTime*float64(t.horizon)) {
				known++
			}
		}
		if lasted < silence || !t.within(began+silence) {
			return
		}
		raised++
		if lasted > silence+t.horizon {
			right++
		}
	})

	return SilentFor{
		Days:   Number(float64(silence) / float64(dayMS)),
		Raised: raised, Precision: share(right, raised),
		RecallInTime: share(known, losses), ShareSignalled: t.share(raised),
	}
}
