package churn

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// awkward are ways of saying a number that nobody has: decimals of a span or a
// percentage, one of several, a unit twice too small, a number without a word.
var awkward = regexp.MustCompile(`\d[.,]\d|e[+-]\d|-\d|NaN|[Ll]ess than|meno di un|menos de um(a)? |` +
	`\b1 (seconds?|minutes?|hours?|days?|weeks?|months?|years?|second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|segundos?|minutos?|horas?|dias?|semanas?|meses|anos?|messages|messaggi|mensagens)\b|` +
	`\b0 (seconds|minutes|hours|days|weeks|months|years|secondi|minuti|ore|giorni|segundos|horas|dias|messages)\b|` +
	`\b(1[4-9]|[2-9]\d|\d{3,}) (days|giorni|dias)\b|  |\{|\}|\bun'? (8|11)\b|\bal (8|11|8\d)%|\bil (8|11) `)

// The horizon is the one that somebody has set, and is said as they set it.
func withoutHorizon(text string, m *Model) string {
	return strings.ReplaceAll(text, m.language.exactly(m.config.Horizon), "H")
}

// TestTenThousandSignals follows customers of many businesses as shards do, and
// reads every signal: three reasons at most, none repeated in code or meaning, none
// against the signal, and no number that people would not say so.
func TestTenThousandSignals(t *testing.T) {
	const wanted = 10_000
	random := rand.New(rand.NewPCG(10, 1))
	codes, forms := map[string]int{}, map[string]int{}
	signals, raised := 0, 0
	for business := 0; signals < wanted || business < 28; business++ {
		config := Defaults()
		config.Language = Languages()[business%len(languages)]
		config.Horizon = [...]int64{30 * day, 7 * day, 90 * day, day, hour, 14 * day, 365 * day}[business%7]
		config.Dwell = config.Horizon / 100
		config.CoolingAt = 0.2 + 0.4*random.Float64()
		config.AtRiskAt = config.CoolingAt + 0.1 + 0.2*random.Float64()
		switch business % 4 {
		case 0:
			config.Unusual = 3
		case 1:
			config.ContactCost, config.Uplift = 1, 0.2
		}
		m := newModel(t, config)
		p := randomParameters(random, m.prior)
		if business%3 > 0 {
			p = m.prior.Parameters()
			p.Weights.Mean[termPressure] = 0.1
		}
		m.SetParameters(p)
		for range 40 {
			follow(m, random, func(s *State, change Change) {
				signals++
				reasons := m.Recovery(s, change.At)
				texts := []string{m.Headline(s, change.To, change.Raised, change.Score)}
				if change.Raised {
					raised++
					reasons = m.Reasons(s, change.At)
					_, back := m.IfBack(*s, change.At, reasons)
					texts = append(texts, back)
				}
				if problem := checkReasons(reasons, change.Raised); problem != "" || len(reasons) == 0 {
					t.Fatalf("%s, %+v: %s: %+v", config.Language, change, problem, reasons)
				}
				for _, reason := range reasons {
					codes[reason.Code]++
					forms[reason.form]++
					texts = append(texts, reason.Text)
				}
				for _, text := range texts {
					if found := awkward.FindString(withoutHorizon(text, m)); found != "" {
						t.Errorf("%s: %q in %q", config.Language, found, text)
					}
				}
			})
		}
	}
	if raised < wanted/2 {
		t.Errorf("%d of %d signals are raised", raised, signals)
	}
	t.Log(signals, "signals,", raised, "raised;", codes)
	for _, form := range []string{
		"rhythm", "rhythm.bought", "recency", "recency.bought", "history.once", "history.once.bought", "history.short", "contact.mail", "contact.look",
		"trend.fell", "trend.rose", "negatives.complaint", "negatives.complaint.settled", "negatives.payment", "experience.scored", "experience.felt",
		"pressure", "left", "recency.now", "recency.back",
	} {
		if forms[form] == 0 {
			t.Errorf("nobody is said to be %s", form)
		}
	}
}

// follow lets one customer come, complain, be written to and stay away for a
// while, and tells of every change of level.
func follow(m *Model, random *rand.Rand, tell func(*State, Change)) {
	horizon := float64(m.Horizon())
	pace := horizon * []float64{0.02, 0.1, 0.3, 1}[random.IntN(4)]
	buyer := random.IntN(2) == 0
	var s State
	at := epoch + random.Int64N(m.Horizon())
	settle := func(now int64) {
		for _, change := range evaluateAll(m, &s, now) {
			tell(&s, change)
		}
		s.SetTimer(m.NextLook(&s, now))
	}
	for range 1 + random.IntN(40) {
		gap := int64(random.ExpFloat64() * pace)
		if random.IntN(8) == 0 {
			gap = int64(random.ExpFloat64() * 3 * horizon)
		}
		at += gap
		for s.Known() && s.Timer() <= at {
			settle(s.Timer())
		}
		e := Event{Time: at, Qualifying: true}
		if buyer {
			e.Value = 10
		}
		switch random.IntN(12) {
		case 0:
			e = Event{Time: at, Negative: true, Trouble: Trouble(random.IntN(Troubles))}
		case 1:
			e = Event{Time: at, Rated: true, Scored: random.IntN(2) == 0, Experience: 2*random.Float64() - 1}
		case 2:
			e = Event{Time: at, Contact: true}
		case 3:
			e = Event{Time: at, Notice: Notice(1 + random.IntN(Notices-1))}
		case 4:
			e = Event{Time: at, Settles: true}
		case 5:
			if random.IntN(8) == 0 {
				e = Event{Time: at, Negative: true, Trouble: Quit, Ends: true}
			}
		}
		if m.Observe(&s, e) {
			settle(at)
		}
	}
	for until := at + 4*m.Horizon(); s.Known() && s.Timer() <= until; {
		settle(s.Timer())
	}
}
