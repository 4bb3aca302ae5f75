package churn

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestScripts runs the stories in testdata. A story follows one customer;
// times are days after its beginning, which is Thursday, 2026-01-01. The
// weights are those of the tests' own prior, or the ones that a story sets.
// Commands:
//
//	config horizon=30 cooling_at=0.6 at_risk_at=0.85 margin=0.1 dwell=0.25 language=it unusual=10 contact_cost=2 uplift=0.1 least_risk=0.2
//	config in_time=0.5 least_risk=0.2  thresholds that follow the stream
//	restart at_risk_at=0.5             the same customer, with other settings
//	weights rhythm=0.5 bias=-0.5       of standardized terms, before moderation
//	parameters shape=0.3 rate=0.05 shift=0 monday=1
//	parameters losses=0.4 others=0.2   half of the losses to be expected get this risky in time; the risk of the average customer
//	visits from=0 every=7 until=70     qualifying events; value=20 is what each brings
//	passive at=3 value=20              an event that does not qualify
//	advance to=90                      silence until then; prints what changes
//	show                               level, score, steady score and next change
//	thresholds                         of all
//	reasons                            for leaving
//	words                              the sentences of a signal of now
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		s := newStory(t, testConfig())
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			s.run(t, d, &out)

			return out.String()
		})
	})
}

// story drives one customer as a shard does: events, one timer, changes.
type story struct {
	model *Model
	state State
	clock int64
}

const storyBegins = int64(1_767_225_600_000) // 2026-01-01

func newStory(t *testing.T, config Config) *story {
	return &story{model: newModel(t, config), clock: storyBegins}
}

func (s *story) run(t *testing.T, d *datadriven.TestData, out *strings.Builder) {
	number := func(key string, otherwise float64) float64 {
		for _, arg := range d.CmdArgs {
			if arg.Key == key {
				value, err := strconv.ParseFloat(arg.Vals[0], 64)
				if err != nil {
					d.Fatalf(t, "%s: %v", key, err)
				}

				return value
			}
		}

		return otherwise
	}
	days := func(key string, otherwise float64) int64 { return int64(number(key, otherwise) * float64(day)) }

	switch d.Cmd {
	case "config", "restart":
		c := testConfig()
		if d.Cmd == "restart" {
			c = s.model.Config()
		}
		if d.HasArg("in_time") {
			c.CoolingAt, c.AtRiskAt = 0, 0
		}
		c.Horizon = days("horizon", float64(c.Horizon)/float64(day))
		c.InTime = number("in_time", c.InTime)
		c.LeastRisk = number("least_risk", c.LeastRisk)
		c.Unusual = number("unusual", c.Unusual)
		c.ContactCost = number("contact_cost", c.ContactCost)
		c.Uplift = number("uplift", c.Uplift)
		c.CoolingAt = number("cooling_at", c.CoolingAt)
		c.AtRiskAt = number("at_risk_at", c.AtRiskAt)
		c.CoolingMargin = number("margin", c.CoolingMargin)
		c.AtRiskMargin = number("margin", c.AtRiskMargin)
		c.Dwell = days("dwell", float64(c.Dwell)/float64(day))
		if d.HasArg("language") {
			d.ScanArgs(t, "language", &c.Language)
		}
		if d.Cmd == "restart" {
			s.restart(t, c, out)
		} else {
			*s = *newStory(t, c)
		}
	case "weights":
		p := *s.model.Parameters()
		for i := range shippedTerms { // the names don't depend on the numbers
			p.Weights.Mean[i] = number(shippedTerms[i].Name, p.Weights.Mean[i])
		}
		s.set(p, out)
	case "parameters":
		p := *s.model.Parameters()
		p.Rates = Rates{Shape: number("shape", p.Rates.Shape), Rate: number("rate", p.Rates.Rate)}
		p.Shift = number("shift", p.Shift)
		if d.HasArg("losses") {
			at := int(number("losses", 0) * lossBins)
			p.Losses = Losses{}
			p.Losses.Late[at], p.Losses.Early[at/2] = 1000, 1000
		}
		if d.HasArg("others") {
			for i := range p.Losses.Usual {
				p.Losses.Usual[i] = UsualRisk{100, int64(100 * number("others", 0) * float64(Certain))}
			}
		}
		for i := range 24 {
			p.Week[i] = number("monday", p.Week[i])
		}
		s.set(p, out)
	case "visits":
		from, until := days("from", 0), days("until", 0)
		for at := from; at <= max(from, until); at += days("every", 1) {
			s.event(Event{Time: storyBegins + at, Qualifying: true, Value: number("value", 0)}, out)
		}
	case "passive":
		s.event(Event{Time: storyBegins + days("at", 0), Value: number("value", 0)}, out)
	case "advance":
		s.advance(storyBegins+days("to", 0), out)
	case "show":
		next := "never"
		if at := s.model.NextCrossing(&s.state, s.clock); at != Never {
			next = dayOf(at)
		}
		fmt.Fprintf(out, "%s, risk %.4f, steady %.4f, next change %s\n", s.state.Level(),
			s.model.Score(&s.state, s.clock).Risk(), s.model.Steady(&s.state, s.clock).Risk(), next)
	case "thresholds":
		cooling, atRisk := s.model.Thresholds()
		fmt.Fprintf(out, "cooling from %.4f, at risk from %.4f\n", cooling.Risk(), atRisk.Risk())
	case "reasons":
		for _, reason := range s.model.Reasons(&s.state, s.clock) {
			fmt.Fprintf(out, "%-9s %+.2f  %s\n", reason.Code, reason.LogOdds, reason.Text)
		}
	case "words":
		s.words(out)
	default:
		d.Fatalf(t, "there is no command %s", d.Cmd)
	}
}

// words are what a signal of now would say, first for leaving, then for staying.
func (s *story) words(out *strings.Builder) {
	score := s.model.Steady(&s.state, s.clock)
	reasons := s.model.Reasons(&s.state, s.clock)
	fmt.Fprintln(out, s.model.Headline(&s.state, AtRisk, true, score))
	for _, reason := range reasons {
		fmt.Fprintln(out, " ", reason.Text)
	}
	_, back := s.model.IfBack(s.state, s.clock, reasons)
	fmt.Fprintln(out, back)
	fmt.Fprintln(out, s.model.Headline(&s.state, Healthy, false, score))
	for _, reason := range s.model.Recovery(&s.state, s.clock) {
		fmt.Fprintln(out, " ", reason.Text)
	}
}

// set puts parameters to use as a shard does.
func (s *story) set(p Parameters, out *strings.Builder) {
	p.Version++
	if s.model.SetParameters(p) && s.state.Known() {
		s.settle(out)
	}
}

// restart takes the customer from a snapshot to a model with other settings, and
// puts what was learned to use there.
func (s *story) restart(t *testing.T, c Config, out *strings.Builder) {
	state, err := readState(s.state.AppendBinary(nil))
	if err != nil {
		t.Fatal(err)
	}
	learned := *s.model.Parameters()
	s.model, s.state = newModel(t, c), state
	s.model.SetParameters(learned)
	s.settle(out)
}

func (s *story) event(e Event, out *strings.Builder) {
	s.advance(e.Time, out)
	if s.model.Observe(&s.state, e) {
		s.settle(out)
	}
}

func (s *story) advance(to int64, out *strings.Builder) {
	for s.state.Known() && s.state.Timer() <= to {
		s.clock = s.state.Timer()
		s.settle(out)
	}
	s.clock = max(s.clock, to)
}

func (s *story) settle(out *strings.Builder) {
	for _, change := range evaluateAll(s.model, &s.state, s.clock) {
		verb := "cleared"
		if change.Raised {
			verb = "raised"
		}
		fmt.Fprintf(out, "%s: %s, %s to %s, risk %.4f, episode %d\n",
			dayOf(change.At), verb, change.From, change.To, change.Score.Risk(), change.Episode)
	}
	s.state.SetTimer(s.model.NextLook(&s.state, s.clock))
}

func dayOf(at int64) string { return fmt.Sprintf("day %.4f", float64(at-storyBegins)/float64(day)) }
