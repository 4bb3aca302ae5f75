package churn

import (
	"cmp"
	"math"
	"slices"
)

// Codes of reasons. The first four all say that somebody is silent, or back: of
// these one at most is a reason.
const (
	CodeRhythm  = "rhythm"  // silent against the customer's own pace
	CodeRecency = "recency" // silent, or back
	CodeHistory = "history" // silent after a single visit or a short while
	CodeContact = "contact" // silent, and still takes notice of us

	CodeTrend      = "trend"      // visits of late against those before
	CodeNegatives  = "negatives"  // complaints, failed payments and the like
	CodeExperience = "experience" // what the customer's ratings say
	CodePressure   = "pressure"   // messages of the company against the customer's visits

	CodeLeft   = "left"   // has ended the relation; then it is the only reason
	CodeJoined = "joined" // is somebody known; then it is the only reason
)

const (
	// MostReasons are as many as anybody reads.
	MostReasons = 3

	// leastPart is the least part in log-odds of a reason beside silence.
	leastPart = 0.05

	// mostLogOdds are about those of the highest risk below Certain.
	mostLogOdds = 9.21
)

// Reason is one part of a risk, in log-odds and in words.
type Reason struct {
	Code    string
	LogOdds float64 // in steps of 0.0001; positive: towards leaving
	Text    string
	Numbers map[string]int64 // that the text states or rests on, by the names of quantities

	form string // which of the language's phrases Text is
}

// Reasons says why the risk has come to what it is: at most MostReasons, none of
// the same meaning as another, and what raises the risk most first. It is empty
// for a customer who never engaged, and for one who has just done so and of whom
// nothing speaks for leaving.
//
// A part is by how much the log-odds of the Steady risk have risen against the
// same customer at their latest engagement. What was told before that counts
// against what the customer was before: complaints and ratings against none, and
// visits that have become fewer against as many as in the horizon before.
func (m *Model) Reasons(s *State, now int64) []Reason {
	if !s.Known() {
		return nil
	}
	f := m.Facts(s, now)
	if s.Left() {
		return []Reason{m.reason(&f, CodeLeft, CodeLeft, mostLogOdds)}
	}
	look := m.look(s)
	code, form := f.silence()
	reasons := []Reason{m.reason(&f, code, form, look.since(now, s.last))}
	if part := look.against(s, &f, f.fell()); part >= leastPart {
		reasons = append(reasons, m.reason(&f, CodeTrend, "trend.fell", part))
	}
	if part := look.part(termNegatives, 0); part >= leastPart && f.Negatives > 0 {
		reasons = append(reasons, m.reason(&f, CodeNegatives, f.trouble(), part))
	}
	if part := look.part(termExperience, 0); part >= leastPart && f.Rating < 0 {
		reasons = append(reasons, m.reason(&f, CodeExperience, f.opinion(), part))
	}
	if part := look.pressing(s); part >= leastPart && f.Messages > 1 {
		reasons = append(reasons, m.reason(&f, CodePressure, CodePressure, part))
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int { return cmp.Compare(b.LogOdds, a.LogOdds) })

	return pick(reasons, f.Silent >= m.patience)
}

// Recovery says why the risk is no more than it is, for a level that is cleared:
// as Reasons do, what lowers the risk most first. Silence that has ended counts
// against a silence of a horizon more.
func (m *Model) Recovery(s *State, now int64) []Reason {
	if !s.Known() {
		return nil
	}
	f := m.Facts(s, now)
	look := m.look(s)
	reasons := []Reason{m.reason(&f, CodeRecency, f.back(), look.since(now, max(now, s.last)+m.config.Horizon))}
	if part := look.against(s, &f, f.rose()); part <= -leastPart {
		reasons = append(reasons, m.reason(&f, CodeTrend, "trend.rose", part))
	}
	if part := look.part(termExperience, 0); part <= -leastPart && f.Rating > 0 {
		reasons = append(reasons, m.reason(&f, CodeExperience, f.opinion(), part))
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int { return cmp.Compare(a.LogOdds, b.LogOdds) })

	return pick(reasons, true)
}

// JoinedWords are the first sentence and the reason of a signal that is cleared because
// an anonymous customer is somebody known. They say nothing about the risk.
func (m *Model) JoinedWords() (headline string, reason Reason) {
	phrases := m.language.phrases

	return phrases[headlineForm+CodeJoined], Reason{Code: CodeJoined, Text: phrases[CodeJoined], form: CodeJoined}
}

// pick leaves the first reasons, without one that tells nothing, unless one has
// to be said.
func pick(reasons []Reason, one bool) []Reason {
	telling := reasons[:0:0]
	for _, reason := range reasons {
		if reason.LogOdds != 0 && len(telling) < MostReasons {
			telling = append(telling, reason)
		}
	}
	if len(telling) == 0 && one {
		return reasons[:1]
	}

	return telling
}

func (m *Model) reason(f *Facts, code, form string, part float64) Reason {
	if f.Bought && m.language.phrases[form+bought] != "" {
		form += bought
	}

	return Reason{Code: code, LogOdds: math.Round(part*1e4) / 1e4, Text: m.say(form, f), Numbers: f.numbers(code), form: form}
}

// since is the part of the terms that grow in silence, against those of another
// time.
func (l *silent) since(now, other int64) (part float64) {
	l.steady(other)
	then := l.vector
	l.steady(now)
	for i := termRecency; i < termWeek; i++ {
		part += l.model.weights[i] * (l.vector[i] - then[i])
	}

	return part
}

// part is that of a term against another value of it.
func (l *silent) part(term int, other float64) float64 {
	now := l.vector[term]
	l.set(term, other)
	part := l.model.weights[term] * (now - l.vector[term])
	l.vector[term] = now

	return part
}

// pressing is the part of the messages since the latest engagement.
func (l *silent) pressing(s *State) float64 {
	before := max(0, float64(s.contacts)-float64(s.unanswered))

	return l.part(termPressure, math.Log1p(before/(1+float64(s.visits[recently]))))
}

// against is the part of visits that have changed, against as many as before.
func (l *silent) against(s *State, f *Facts, changed bool) float64 {
	if !changed {
		return 0
	}
	ratio := float64(f.VisitsBefore) / float64(f.VisitsRecent)

	return l.part(termLately, math.Log(float64(s.visits[lately])*ratio)) + l.part(termRecent, math.Log(float64(s.visits[recently])*ratio))
}
