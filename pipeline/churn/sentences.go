package churn

import (
	"strconv"
	"strings"
	"time"
)

// Of a signal's first and last sentences.
const (
	headlineForm = "headline."
	adviceForm   = "advice."
	backForm     = "back"
	oneOf        = ".one" // where one customer of a hundred needs another phrase
)

// Risks from which a headline says more.
const (
	likely   Score = 5000
	probable Score = 7500
	sure     Score = 9500
)

// Headline is the first sentence of a signal: what the risk means. raised is
// false where the level is cleared; healthy and raised is who is neither.
func (m *Model) Headline(s *State, to Level, raised bool, score Score) string {
	form, count := headlineForm+band(score), gone(score)
	switch {
	case raised && s.Left():
		form = headlineForm + CodeLeft
	case to == Healthy:
		form, count = headlineForm+"fine", 100-gone(score)
		if !raised {
			form = headlineForm + "back"
		}
	case !raised:
		form = headlineForm + "better"
	case to == Lapsed:
		form = headlineForm + "lapsed"
	case to == AtRisk:
		if rule := m.RuleOf(s, score); rule != ByRisk {
			form = headlineForm + rule.String()
		}
	}
	if phrase, ok := m.language.phrases[form+oneOf]; ok && count == 1 {
		return m.fill(phrase, func(string) string { return "" })
	}

	return m.fill(m.language.phrases[form], func(string) string { return strconv.Itoa(count) })
}

func band(score Score) string {
	switch {
	case score >= sure:
		return "sure"
	case score >= probable:
		return "probable"
	case score >= likely:
		return "likely"
	}

	return "possible"
}

// gone is how many of a hundred customers do not come back; some do, and some
// do not.
func gone(score Score) int { return min(max(percent(score), 1), 99) }

func percent(score Score) int { return (int(score) + 50) / 100 }

// adviceBy are the codes whose reasons ask for something, the most pressing
// first.
var adviceBy = [...]string{CodeLeft, CodeNegatives, CodeExperience, CodePressure, CodeContact, CodeTrend, CodeHistory}

// IfBack is the steady score right after one engagement now, by which levels are
// cleared, and the last sentence of a signal with these reasons: what to look at,
// and that score.
func (m *Model) IfBack(s State, now int64, reasons []Reason) (Score, string) { // s is a copy
	suffix := ""
	if s.marks&markCame == 0 {
		suffix = bought
	}
	s.heard[1] &^= timeMask // even one ahead of now
	m.Observe(&s, Event{Time: now, Qualifying: true})
	score := m.Steady(&s, now)
	back := m.fill(m.language.phrases[backForm+suffix], func(string) string { return m.language.toPercent(score) })
	phrase := m.language.phrases[adviceForm+adviceOn(m.language, reasons)]

	return score, capital(m.fill(phrase, func(string) string { return back }))
}

// adviceOn is the form of the reason that asks most for something.
func adviceOn(l *Language, reasons []Reason) string {
	for _, code := range adviceBy {
		for i := range reasons {
			form := strings.TrimSuffix(reasons[i].form, bought)
			if reasons[i].Code == code && l.phrases[adviceForm+form] != "" {
				return form
			}
		}
	}

	return "plain"
}

// toPercent says to which risk, in whole percent.
func (l *Language) toPercent(score Score) string {
	n := percent(score)
	switch {
	case n < 1:
		return l.phrases["percent.least"]
	case n > 99:
		return l.phrases["percent.most"]
	}

	return l.percent(n)
}

// say puts facts into a phrase.
func (m *Model) say(form string, f *Facts) string {
	l := m.language

	return m.fill(l.phrases[form], func(place string) string {
		switch place {
		case "silent":
			return l.span(f.Silent)
		case "every":
			return l.every(f.Every)
		case "recent":
			return strconv.Itoa(f.VisitsRecent)
		case "before":
			return strconv.Itoa(f.VisitsBefore)
		case "rating":
			return strconv.Itoa((f.Rating + 110) / 20) // of ten
		case "messages":
			return l.number(int64(f.Messages), l.messagesFeminine)
		case "trouble":
			return l.date(f.TroubleAt, f.Now)
		case "left":
			return l.date(f.LeftAt, f.Now)
		}

		return ""
	})
}

// fill puts words into the places of a phrase, which are names in braces.
func (m *Model) fill(phrase string, words func(place string) string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(phrase, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		place, after, _ := strings.Cut(rest, "}")
		switch place {
		case "horizon":
			out.WriteString(m.language.exactly(m.config.Horizon))
		case "period":
			out.WriteString(m.language.period(m.config.Horizon))
		default:
			out.WriteString(words(place))
		}
		phrase = after
	}
}

// capital begins a sentence.
func capital(text string) string {
	for i, r := range text {
		return string([]rune(strings.ToUpper(string(r)))) + text[i+len(string(r)):]
	}

	return text
}

// yearsAgo is how long ago a date is for its year to be said.
const yearsAgo = 300 * day

// date is a day, in UTC: "on 3 March".
func (l *Language) date(at, now int64) string {
	t := time.UnixMilli(at).UTC()
	text := l.day(t.Day()) + l.ofMonth + l.months[t.Month()-1]
	if now-at >= yearsAgo {
		text += l.ofYear + strconv.Itoa(t.Year())
	}

	return text
}
