package silence

import "math"

// The tests below are Poisson CUSUMs (Lucas, "Counted data CUSUM's",
// Technometrics 27, 1985). With q = Config.SilentBelow they add up the
// logarithm of the likelihood ratio of two rates, 0.4 and 2 times q of what is
// expected; of n events in a step where λ are expected that is
//
//	1.6·q·λ − ln 5·n    for the low rate, and its negative for the high one
//
// divided by φ. The sum never falls below 0, so that it holds the evidence
// since the change and not that of all the time before.
const (
	low, high = 0.4, 2
	silentAt  = 12                   // of S: odds of e^12, and never by chance where about λ events come
	backAt    = 3                    // of the mirrored sum: that the feed is back needs less proof
	ratio     = math.Ln10 - math.Ln2 // ln(high/low)
)

// meter watches one count: that of all events, or of one channel's.
type meter struct {
	awake      bool // since the first event; else everything below is zero
	silent     bool
	whole      bool // the open hour was counted from its beginning, and holds no silence
	idle       int  // hours since one with an event
	events     uint64
	rhythm     rhythm
	dispersion dispersion

	evidence float64 // S; while silent, the mirrored sum
	since    int64   // begin of the step from which on S has been above 0
	found    int64   // end of the step in which it became silent
	observed uint64  // events since since
	expected float64 // the same, expected

	// Of the open hour, derived from the rhythm.
	usual, least float64 // per step
	known        bool
}

// close takes the count of a step. learn says whether the input as a whole can
// be learned from. The State is Silent, Back or GivenUp where it has changed.
func (m *meter) close(w *limits, n uint32, end int64, learn bool) State {
	m.events += uint64(n)
	if m.known && !m.silent && learn {
		m.dispersion.addStep(float64(n), m.usual)
	}

	state := m.judge(w, n, end)
	if m.silent || !learn {
		m.whole = false
	}
	if end%hourLength == 0 && m.awake {
		m.closeHour(end)
	}

	return state
}

// judge adds the evidence of a step and says whether it has changed the state.
func (m *meter) judge(w *limits, n uint32, end int64) State {
	evidence := (w.slope*m.least - ratio*float64(n)) / m.dispersion.phi()
	if m.silent {
		m.observed += uint64(n)
		m.expected += m.least
		m.evidence = max(0, m.evidence-evidence)
		switch {
		case m.evidence > backAt:
			m.silent, m.evidence = false, 0

			return Back
		case end-m.found >= w.hold:
			return GivenUp
		}

		return Unchanged
	}

	if m.evidence == 0 {
		m.since, m.observed, m.expected = end-StepLength, 0, 0
	}
	m.observed += uint64(n)
	m.expected += m.least
	m.evidence = max(0, m.evidence+evidence)
	if m.evidence > silentAt {
		m.silent, m.evidence, m.found = true, 0, end

		return Silent
	}

	return Unchanged
}

// closeHour learns from the hour that ends, if it was whole, and looks up what
// the next one should hold.
func (m *meter) closeHour(end int64) {
	hour, count := end/hourLength-1, float64(m.events)
	if m.whole {
		if m.known {
			m.dispersion.addHour(count, m.usual*stepsOfHour)
		}
		m.dispersion.fade()
		m.rhythm.learn(hour, count)
	}

	m.idle++
	if m.events > 0 {
		m.idle = 0
	}
	m.whole, m.events = true, 0
	m.expect(hour + 1)
}

// expect looks up what an hour should hold.
func (m *meter) expect(hour int64) {
	usual, known := m.rhythm.mean(hour)
	m.usual, m.known = usual/stepsOfHour, known
	m.least = m.rhythm.expected(hour) / stepsOfHour
}
