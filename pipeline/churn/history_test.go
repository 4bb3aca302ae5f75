package churn

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rawHistory is the oracle of State: it keeps every event and counts again
// whenever it is asked, by the definitions.
type rawHistory struct {
	told   []Event
	toldAt []int64 // the latest engagement by then
	model  *Model
	any    []int64 // of any kind, as they came
	own    []int64 // of the customer's own
	times  []int64 // qualifying, as they came
	visits []int64 // of these, the ones that began a visit
	pauses []int64 // before these, if they came after all others
	slots  map[int64]bool
}

func newRawHistory(m *Model) *rawHistory {
	return &rawHistory{model: m, slots: map[int64]bool{}}
}

func (h *rawHistory) observe(e Event) {
	if e.Contact && !e.Qualifying {
		h.any = append(h.any, e.Time/2*2) // as precise as it is kept
	} else {
		h.any, h.own = append(h.any, e.Time), append(h.own, e.Time)
	}
	if e.Qualifying {
		h.engage(e.Time)
	}
	h.told, h.toldAt = append(h.told, e), append(h.toldAt, slices.Max(h.times))
}

func (h *rawHistory) engage(t int64) {
	slot := h.model.slotOf(t)
	if len(h.times) == 0 {
		h.times, h.visits = []int64{t}, []int64{t}
		h.slots[slot] = true

		return
	}
	latest := slices.Max(h.times)
	unseen := !h.slots[slot] && slot > h.model.slotOf(latest)-recentSlots
	paused := float64(t-latest)*h.model.perUnit > visitPause
	if unseen || paused {
		h.visits = append(h.visits, t)
		if t > latest {
			h.pauses = append(h.pauses, t-latest)
		}
	}
	if unseen {
		h.slots[slot] = true
	}
	h.times = append(h.times, t)
}

// faded is the sum of 2^(−age/halfLife) over times, as of now.
func (h *rawHistory) faded(times []int64, now int64, halfLife float64) (sum float64) {
	for _, t := range times {
		sum += math.Exp2(-h.horizons(now-t) / halfLife)
	}

	return sum
}

func (h *rawHistory) horizons(ms int64) float64 { return float64(ms) / float64(h.model.config.Horizon) }

// exposure integrates 2^(−t/halfLife) over the time since the first event, by
// Simpson's rule.
func (h *rawHistory) exposure(now int64, halfLife float64) float64 {
	const steps = 400
	age := min(h.horizons(now-slices.Min(h.times)), 64*halfLife) // later, nothing is left
	var sum float64
	for i := range steps + 1 {
		weight := 2 + 2*float64(i%2)
		if i == 0 || i == steps {
			weight = 1
		}
		sum += weight * math.Exp2(-age*float64(i)/steps/halfLife)
	}

	return sum * age / steps / 3
}

// repeats are the events after the first.
func (h *rawHistory) repeats(now int64) float64 {
	first := slices.Index(h.times, slices.Min(h.times))

	return h.faded(slices.Delete(slices.Clone(h.times), first, first+1), now, 1.0/8)
}

// habit is the closed form of habit.go as it stands in the papers, with
// probabilities instead of logarithms.
func (h *rawHistory) habit(last int64, silence float64) float64 {
	x := max(0, h.faded(h.visits, last, 2)-h.faded([]int64{slices.Min(h.times)}, last, 2))
	then := habitRate + h.exposure(last, 2)
	now := then + silence
	stays := 1 / (1 + habitLeave/(habitStay+x)*math.Pow(now/then, habitShape+x))
	comes := stays * (1 - math.Pow(now/(now+1), habitShape+x))
	comes = min(max(comes, leastRisk), 1-leastRisk)

	return math.Log((1 - comes) / comes)
}

// life is the same of the slots, without fading.
func (h *rawHistory) life(first, last int64, silence float64) float64 {
	x := float64(len(h.slots) - 1)
	then := habitRate + h.horizons(last-first)
	now := then + silence
	stays := 1 / (1 + habitLeave/(habitStay+x)*math.Pow(now/then, habitShape+x))
	comes := stays * (1 - math.Pow(now/(now+1), habitShape+x))
	comes = min(max(comes, leastRisk), 1-leastRisk)

	return math.Log((1 - comes) / comes)
}

// saidBeside sums what the events said beside engagement. Each counts in full
// until a later engagement, and fades from then on.
func (h *rawHistory) saidBeside(last int64) (negatives, experience, contacts float64) {
	ratings := 1.0
	for i := len(h.told) - 1; i >= 0; i-- {
		e, age := h.told[i], h.horizons(last-h.toldAt[i])
		if e.Negative {
			negatives += math.Exp2(-age / 2)
		}
		if e.Contact {
			contacts += math.Exp2(-age * 2)
		}
		if e.Rated {
			ratings /= 2
			experience += e.Experience * ratings * math.Exp2(-age/2)
		}
	}

	return negatives, experience, contacts
}

// usualPause are the mean of ln(pause / H), and ln of the standard deviation, with
// two pauses of e^-1.5 H and four of spread 1 more. After the tenth, each counts a
// tenth.
func (h *rawHistory) usualPause() (mean, spread float64) {
	var m, v float64
	n := 0.0
	for _, ms := range h.pauses {
		x := math.Log(h.horizons(ms))
		n = min(n+1, 10)
		v = (n-1)/n*v + (n-1)/n/n*square(x-m)
		m = (n-1)/n*m + x/n
	}

	return (n*m - 2*1.5) / (n + 2), math.Log((n*v+4)/(max(n, 1)+3)) / 2
}

// terms are all of them, as they enter the sum.
func (h *rawHistory) terms(now int64) [features]float64 {
	first, last := slices.Min(h.times), slices.Max(h.times)
	now = max(now, last)
	silence := h.horizons(now - last)
	sinceAny := max(0, h.horizons(now-slices.Max(h.own)))

	rates := h.model.parameters.Rates
	n, exposure := h.repeats(now), h.exposure(now, 1.0/8)
	none := math.Pow((rates.Rate+exposure)/(rates.Rate+exposure+1), rates.Shape+n)
	none = min(max(none, leastRisk), 1-leastRisk)

	lapsed := 0.0
	if silence > 1 {
		lapsed = math.Log(silence)
	}
	negatives, experience, contacts := h.saidBeside(last)
	pause, spread := h.usualPause()
	raw := [features]float64{
		termSlots:      math.Log(float64(len(h.slots))),
		termTenure:     math.Log(h.horizons(last-first) + 0.05),
		termLately:     math.Log(h.faded(h.visits, last, 1.0/8)),
		termRecent:     math.Log(h.faded(h.visits, last, 1.0/2)),
		termOverall:    math.Log(h.faded(h.visits, last, 2)),
		termNegatives:  math.Log(1 + negatives),
		termExperience: -experience,
		termPressure:   math.Log(1 + contacts/(1+h.faded(h.visits, last, 1.0/2))),
		termPause:      pause,
		termSpread:     spread,
		termRecency:    math.Log(silence + 0.01),
		termSilence:    min(silence, 4),
		termLapsed:     lapsed,
		termRhythm:     math.Log(none / (1 - none)),
		termHabit:      h.habit(last, silence),
		termLife:       h.life(first, last, silence),
		termContact:    math.Log(sinceAny + 0.01),
	}
	if hours := h.model.config.Horizon / hour; hours < 7*24 {
		var sum, count float64
		for ahead := int64(1); ahead <= max(hours, 1); ahead++ {
			sum += h.model.parameters.Week[hourOfWeek(now+ahead*hour)]
			count++
		}
		raw[termWeek] = math.Log(sum / count)
	}
	for i := range raw {
		term := &h.model.prior.Terms[i]
		raw[i] = min(max((raw[i]-term.Mean)/term.Deviation, -4), 4)
	}
	if h.model.config.Horizon >= 7*day {
		raw[termWeek] = 0 // the horizon has a whole week in it
	}

	return raw
}

// drawHistory draws a history both ways: as the model keeps it, and raw.
func drawHistory(t *rapid.T, m *Model) (State, *rawHistory) {
	var s State
	h := newRawHistory(m)
	scale := rapid.SampledFrom([]float64{0.005, 0.05, 0.3, 2}).Draw(t, "scale")
	at := epoch
	for i, gap := range rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 40).Draw(t, "gaps") {
		at += int64(gap * scale * float64(m.Horizon()))
		when := at
		if rapid.IntRange(0, 5).Draw(t, "late") == 0 {
			when -= int64(rapid.Float64Range(0, 12).Draw(t, "by") * scale * float64(m.Horizon()))
		}
		qualifying := i == 0 || rapid.IntRange(0, 5).Draw(t, "passive") > 0
		e := drawEvent(t, max(when, 0))
		e.Qualifying, e.Ends = qualifying, false
		m.Observe(&s, e)
		h.observe(e)
	}

	return s, h
}

// pauseSlack is how much coarser pauses are kept than what is faded.
const pauseSlack = 30

func TestTermsAgainstRawEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, h := drawHistory(t, m)
		now := slices.Max(h.any) + int64(rapid.Float64Range(0, 6).Draw(t, "silence")*float64(m.Horizon()))
		look := m.look(&s)
		z := look.full(now)
		want := h.terms(now)
		sum := m.weights[termBias]
		for i, w := range want {
			// Faded counts have the precision of float32, which shows where
			// next to nothing is left of the repeats, and in a narrow scale.
			slack := 1e-4 * (1 + 1/m.prior.Terms[i].Deviation)
			if i == termPause || i == termSpread {
				slack *= pauseSlack
			}
			if math.Abs(look.vector[i]-w) > slack {
				t.Fatalf("term %s is %v, want %v", m.prior.Terms[i].Name, look.vector[i], w)
			}
			sum += m.weights[i] * w
		}
		if math.Abs(z-sum) > 1e-2 {
			t.Fatalf("log-odds %v, want %v", z, sum)
		}
		if score := m.Score(&s, now); score != quantize(sigmoid(z)) {
			t.Fatalf("score %d of log-odds %v", score, z)
		}
	})
}

func TestFadedCountsAgainstRawEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, h := drawHistory(t, m)
		last := slices.Max(h.times)
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 1e-5*(1+want) {
				t.Fatalf("%s: %v, want %v", what, got, want)
			}
		}
		for i, halfLife := range memory {
			near("visits", float64(s.visits[i]), h.faded(h.visits, last, halfLife))
		}
		near("events", float64(s.events), h.faded(h.times, last, 1.0/8))

		now := last + int64(rapid.Float64Range(0, 3).Draw(t, "silence")*float64(m.Horizon()))
		repeats, exposure := m.faded(&s, h.horizons(now-last))
		near("repeats", repeats, h.repeats(now))
		near("exposure", exposure, h.exposure(now, 1.0/8))

		if s.First() != slices.Min(h.times) || s.Last() != last || s.LastAny() != slices.Max(h.any) || s.Slots() != len(h.slots) {
			t.Fatalf("got %+v, want %d to %d, any %d, %d slots", s, slices.Min(h.times), last, slices.Max(h.any), len(h.slots))
		}
		newest := m.slotOf(last)
		for back := range int64(recentSlots) {
			if active := s.recent>>back&1 == 1; active != h.slots[newest-back] {
				t.Fatalf("slot %d back is active: %v, want %v", back, active, !active)
			}
		}
	})
}

func TestRecentSlotsAgainstRawEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, h := drawHistory(t, m)
		var recent, before int
		for slot := range h.slots {
			switch ago := m.slotOf(s.Last()) - slot; {
			case ago < 8:
				recent++
			case ago < 16:
				before++
			}
		}
		if r, b := recentActive(&s); r != recent || b != before {
			t.Fatalf("%d and %d active slots, want %d and %d", r, b, recent, before)
		}
	})
}

// In silence the steady score only grows, whatever the weights are.
func TestSteadyNeverFallsInSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		later := now + int64(rapid.Float64Range(0, 20).Draw(t, "later")*float64(m.Horizon()))
		if a, b := m.Steady(&s, now), m.Steady(&s, later); b < a || b > Certain {
			t.Fatalf("score %d at %d, then %d at %d", a, now, b, later)
		}
		if !s.Known() {
			return
		}
		// Each term by itself, too.
		look, ahead := m.look(&s), m.look(&s)
		look.steady(now)
		ahead.steady(later)
		for i := range features {
			if grows[i] && ahead.vector[i] < look.vector[i] || i < termRecency && ahead.vector[i] != look.vector[i] {
				t.Fatalf("term %d is %v at %d, then %v at %d", i, look.vector[i], now, ahead.vector[i], later)
			}
		}
		if m.Steady(&s, s.Last()-1) != m.Steady(&s, s.Last()) {
			t.Fatal("a time before the latest event does not count as its time")
		}
	})
}

// Steady is the score at an average time of the week. With a horizon of a week
// or more, and with an even week, every time is average.
func TestSteadyIsTheScoreOfAnAverageTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		if !s.Known() || s.Left() {
			return
		}
		look := m.look(&s)
		z := look.steady(now)
		var sum float64
		for i := range int64(hoursPerWeek) {
			// The same silence at every hour of the week.
			moved := s
			moved.first, moved.last, moved.heard[0] = moment(s.First()+i*hour), s.last+i*hour, uint64(s.heard.own()+i*hour)
			look := m.look(&moved)
			sum += look.full(now + i*hour)
		}
		if math.Abs(z-sum/hoursPerWeek) > 1e-9*(1+math.Abs(z)) {
			t.Fatalf("log-odds %v at an average time, %v on average", z, sum/hoursPerWeek)
		}
		if m.Steady(&s, now) != quantize(sigmoid(z)) {
			t.Fatalf("steady score %d of log-odds %v", m.Steady(&s, now), z)
		}
		if m.Horizon() < 7*day {
			p := m.parameters
			p.Version, p.Week = p.Version+1, evenWeek()
			m.SetParameters(p)
		}
		steady, score := m.Steady(&s, now), m.Score(&s, now)
		if max(steady, score)-min(steady, score) > 1 || m.Horizon() >= 7*day && steady != score {
			t.Fatalf("score %d, steady %d", score, steady)
		}
	})
}

func TestRiskOfNobody(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	m.Observe(&s, Event{Time: 3 * day})
	if m.Score(&s, 4*day) != 0 || m.Steady(&s, 4*day) != 0 || m.Reasons(&s, 4*day) != nil || m.NextCrossing(&s, 4*day) != Never {
		t.Error("a customer who never engaged has a risk")
	}
}
