package backtest

import (
	"slices"

	"ebb/pipeline/churn"
)

// Signals say what the raised and cleared levels were worth, between the first
// evaluation time and the last moment whose outcome is known, one horizon
// before the end of the log. A month is 30 days; NaN is null.
type Signals struct {
	// Raised is the number of signals that raised at_risk and tell of a silence
	// that began in the span. One is right if the customer has no qualifying
	// event in the horizon after it; Precision is the share of those that are,
	// and Promised what it should be by the risks that the signals gave.
	Raised    int    `json:"raised"`
	Precision Number `json:"precision"`
	Promised  Number `json:"promised"`

	// RecallInTime is the share of the losses of which a signal told before the
	// silence had lasted for more than 0.6 of the horizon. ShareSignalled is how
	// many signals there were for an active customer in a horizon; DaysAfter is
	// how long after the last engagement half of them came.
	RecallInTime   Number `json:"recall_in_time"`
	ShareSignalled Number `json:"share_signalled"`
	DaysAfter      Number `json:"days_after_last_engagement_median"`

	// Threshold is the risk at which at_risk was raised at the end of the log:
	// the configured one, or the one that followed the stream.
	Threshold float64 `json:"threshold"`

	// A loss is a silence that begins in the span and lasts a horizon; its
	// outcome is the moment when it has lasted so long. Recall is the share of
	// the losses at whose outcome the customer was at_risk or lapsed, and lead
	// time is how long before the outcome that began, but no longer than the
	// silence.
	Losses         int    `json:"losses"`
	Recall         Number `json:"recall"`
	LeadTimeMedian Number `json:"lead_time_days_median"`

	// LevelChanges of all levels, raised and cleared, per month and customer
	// who has engaged.
	LevelChanges Number `json:"level_changes_per_customer_month"`

	// ClearedSoon is the share of the raised signals after which at_risk was
	// cleared within 24 hours.
	ClearedSoon Number `json:"cleared_within_24h"`

	// Alerted is the share of the customers who have engaged that had at least
	// one of the signals.
	Alerted Number `json:"share_alerted"`

	// PerDay is how many signals raised at_risk on an average day of the span.
	PerDay Number `json:"signals_per_day"`

	// Money is what the customers of the Raised were worth, by currency.
	Money []Money `json:"money,omitempty"`

	// Silence is the plain rule that is as late as the signals: it tells whenever a
	// customer has been silent for the median silence at which they came.
	Silence SilentFor `json:"silence_rule"`

	leads []float64 // days, ascending
	told  []Told
}

// judge is what signals are judged by.
type judge struct {
	truth   truth
	changes [][]churn.Change // by customer
	all     []Change         // as they came
	from    int64
	until   int64 // the last moment whose outcome is known
	horizon int64
}

func newJudge(t truth, changes []Change, customers int, from, end, horizon int64) *judge {
	j := &judge{truth: t, changes: make([][]churn.Change, customers), all: changes, from: from, until: end - horizon, horizon: horizon}
	for _, change := range changes {
		j.changes[change.Customer] = append(j.changes[change.Customer], change.Change)
	}

	return j
}

func (j *judge) within(at int64) bool { return at >= j.from && at <= j.until }

func (j *judge) signals() Signals {
	var s Signals
	j.raised(&s)
	of := newTold(j)
	of.signals(&s)
	s.Silence = of.asLate(s.DaysAfter)
	j.losses(&s)
	j.unrest(&s)
	s.Money = j.money()

	return s
}

// raised judges the signals.
func (j *judge) raised(s *Signals) {
	var right, cleared int
	for c, changes := range j.changes {
		for i, change := range changes {
			if !j.counts(uint32(c), &change) {
				continue
			}
			s.Raised++
			if j.truth.quiet(uint32(c), change.At, change.At+j.horizon) {
				right++
			}
			if clearedWithin(changes[i+1:], change.At+dayMS) {
				cleared++
			}
		}
	}
	s.Precision = share(right, s.Raised)
	s.ClearedSoon = share(cleared, s.Raised)
}

// clearedWithin says whether the changes that follow clear at_risk by then.
func clearedWithin(following []churn.Change, by int64) bool {
	for _, change := range following {
		if !change.Raised && change.From == churn.AtRisk {
			return change.At <= by
		}
	}

	return false
}

// last is the time of the last qualifying event up to a time.
func (j *judge) last(customer uint32, at int64) int64 {
	times := j.truth.of(customer)
	next, _ := slices.BinarySearch(times, at+1)

	return times[max(next-1, 0)]
}

// silences yields the customer's silences: when each began, and how long it
// lasted. The last has not ended, so it lasts for ever.
func (j *judge) silences(customer uint32, yield func(began, lasted int64)) {
	times := j.truth.of(customer)
	for i, began := range times {
		lasted := churn.Never
		if i+1 < len(times) {
			lasted = times[i+1] - began
		}
		yield(began, lasted)
	}
}

func (j *judge) losses(s *Signals) {
	for c := range j.changes {
		j.silences(uint32(c), func(began, lasted int64) {
			if !j.within(began) || lasted <= j.horizon {
				return
			}
			s.Losses++
			if since, ok := atRiskSince(j.changes[c], began+j.horizon); ok {
				lead := began + j.horizon - max(since, began)
				s.leads = append(s.leads, float64(lead)/float64(dayMS))
			}
		})
	}
	slices.Sort(s.leads)
	s.Recall = share(len(s.leads), s.Losses)
	s.LeadTimeMedian = Number(quantile(s.leads, 0.5))
}

// atRiskSince says whether a customer with these changes is at_risk or lapsed
// at a time, and since when.
func atRiskSince(changes []churn.Change, at int64) (since int64, ok bool) {
	for _, change := range changes {
		if change.At > at {
			break
		}
		was := ok
		ok = change.To >= churn.AtRisk
		if ok && !was {
			since = change.At
		}
	}

	return since, ok
}

func (j *judge) unrest(s *Signals) {
	var changed, alerted, customers, told int
	var months float64
	for c, changes := range j.changes {
		times := j.truth.of(uint32(c))
		if len(times) == 0 || times[0] > j.until {
			continue
		}
		customers++
		months += float64(j.until-max(j.from, times[0])) / float64(30*dayMS)
		warned := false
		for _, change := range changes {
			if j.within(change.At) {
				changed++
				if change.Raised && change.To == churn.AtRisk {
					told++
					warned = true
				}
			}
		}
		if warned {
			alerted++
		}
	}
	s.LevelChanges = Number(float64(changed) / months)
	s.Alerted = share(alerted, customers)
	s.PerDay = Number(float64(told) * float64(dayMS) / float64(j.until-j.from))
}

func share(n, of int) Number { return Number(float64(n) / float64(of)) }
