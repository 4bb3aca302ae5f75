package churn

import (
	"math"
	"slices"
)

// Codes of the groups of terms that make a risk.
const (
	CodeRhythm    = "rhythm"    // silence against the customer's own gap
	CodeFrequency = "frequency" // the customer's own gap against that of others
	CodeHistory   = "history"   // how often the customer has come back at all
)

// Reason is one group's part in a risk, in log-odds and in words, with the
// numbers that the words state.
type Reason struct {
	Code    string
	LogOdds float64 // in steps of 0.0001; positive: towards leaving
	Text    string

	Silent  int64 // ms since the latest qualifying event
	Every   int64 // ms, the customer's usual gap; 0 after a single visit
	Average int64 // ms, the gap of a customer with the mean rate of all
	Visits  int   // active slots ever
	Known   int64 // ms since the first qualifying event
}

// The reference customer has come back twice and has been silent for one gap,
// which is everybody's mean gap.
const (
	referenceRepeats = 2
	referenceRatio   = 1
)

// explained is a history in the terms of the groups: the formula is a function
// of these three numbers alone.
type explained struct {
	ratio   float64 // silence / gap
	gap     float64 // A/k: the mean gap expected of the customer, in horizons
	repeats float64 // x
}

// Reasons says why the score is what it is: one reason for each group, the one
// that speaks most for leaving first. It is empty for a customer who never
// engaged.
//
// Each part is the Shapley value (Shapley 1953, "A value for n-person games";
// Lundberg and Lee 2017, "A unified approach to interpreting model
// predictions") of replacing the group's number of a reference customer by
// this customer's: the mean, over all orders of replacing, of the change in
// the log-odds of the risk. So the parts add up to the log-odds of the risk
// less those of the reference.
func (m *Model) Reasons(s *State, now int64) []Reason {
	if !s.Known() {
		return nil
	}
	h := m.history(s, now)
	gap := (m.population.Rate + h.exposure) / (m.population.Shape + h.repeats)
	own := explained{ratio: h.silence / gap, gap: gap, repeats: h.repeats}
	parts := m.population.parts(own)

	base := Reason{
		Silent:  max(0, now-s.last),
		Every:   m.usualGap(s, h),
		Average: int64(m.population.meanGap() / m.perUnit),
		Visits:  s.Slots(),
		Known:   max(0, now-s.first),
	}
	reasons := make([]Reason, 0, groups)
	for group, part := range parts {
		reason := base
		reason.Code = [groups]string{CodeRhythm, CodeFrequency, CodeHistory}[group]
		reason.LogOdds = math.Round(part*1e4) / 1e4
		reason.Text = m.words(reason)
		reasons = append(reasons, reason)
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int {
		switch {
		case a.LogOdds > b.LogOdds:
			return -1
		case a.LogOdds < b.LogOdds:
			return 1
		}

		return 0
	})

	return reasons
}

const groups = 3

// usualGap is the gap between active slots that gives the decayed counts if
// all gaps are alike: x visits, each counted at the end of its gap, in the
// exposure E = x · (1 − 2^(−gap/2)) · 2/ln 2. Where the counts have all but
// decayed, it is the plain mean.
func (m *Model) usualGap(s *State, h history) int64 {
	if s.Slots() < 2 {
		return 0
	}
	if share := h.exposure / (exposureLimit * h.repeats); h.repeats >= 1 && share < 0.9 {
		return int64(-math.Log1p(-share) * exposureLimit / m.perUnit)
	}

	return (s.last - s.first) / int64(s.Slots()-1)
}

// parts are the Shapley values of the groups in the order ratio, gap, repeats.
func (p Population) parts(own explained) [groups]float64 {
	// value[set] are the log-odds with the groups in set taken from own.
	var value [1 << groups]float64
	for set := range value {
		mixed := p.reference()
		if set&1 != 0 {
			mixed.ratio = own.ratio
		}
		if set&2 != 0 {
			mixed.gap = own.gap
		}
		if set&4 != 0 {
			mixed.repeats = own.repeats
		}
		value[set] = p.logOdds(mixed)
	}

	// How many of the 3! orders put exactly a set of this size before a group.
	orders := [groups]float64{2, 1, 2}
	var parts [groups]float64
	for group := range parts {
		bit := 1 << group
		for set := range value {
			if set&bit != 0 {
				continue
			}
			size := 0
			for rest := set; rest != 0; rest &= rest - 1 {
				size++
			}
			parts[group] += orders[size] / 6 * (value[set|bit] - value[set])
		}
	}

	return parts
}

func (p Population) meanGap() float64 { return p.Rate / p.Shape }

func (p Population) reference() explained {
	return explained{ratio: referenceRatio, gap: p.meanGap(), repeats: referenceRepeats}
}

// logOdds of the risk; what is nearer to 0 or 1 than a hundredth of a Score
// can't be told from it.
func (p Population) logOdds(x explained) float64 {
	known := x.gap * (p.Shape + x.repeats)
	risk := p.risk(history{repeats: x.repeats, exposure: known - p.Rate, silence: x.ratio * x.gap})

	return logOdds(min(max(risk, 1e-6), 1-1e-6))
}
