// Package show prints what commands have found for people: a customer, a backtest,
// what an import would do. It asks nobody, fits 80 columns, and prints nothing
// that would steer a terminal.
package show

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/shard"
)

// Customer shows a report to a person, in the language of its reasons. now is
// the wall clock, which says only whether the partition's clock stands.
func Customer(to io.Writer, r *shard.CustomerReport, language string, now time.Time) error {
	p := customerPrinter{r: r, w: &term.Writer{To: to}, Frame: FrameOf(language), stands: now.Sub(time.UnixMilli(r.Clock)) > clockStands}
	p.headline()
	if r.Holdout {
		p.sentence("", p.Say("holdout"))
	}
	if r.Returned {
		p.sentence("", p.Say("returned"))
	}
	if r.Missing != "" {
		p.sentence("", p.Say("missing", "what", term.Printable(r.Missing)))
	} else {
		p.clock(now)
	}
	p.unheard()
	if r.Engaged {
		p.reasons()
	}
	if r.Engaged && r.Missing == "" {
		p.rhythm()
		p.silence()
	}
	p.history()
	for _, note := range r.Notes {
		p.w.Line("")
		p.sentence("", p.Say("note", "note", note))
	}

	return p.w.Err
}

// clockStands is how far a partition's clock may be behind the wall clock
// before it is worth a word; owners tick every cut interval.
const clockStands = 2 * time.Minute

type customerPrinter struct {
	Frame
	r      *shard.CustomerReport
	w      *term.Writer
	stands bool // the partition's clock does not go
}

// sentence writes a text of any length behind an indent.
func (p customerPrinter) sentence(indent, text string) {
	p.w.Line("%s", term.Wrapped(indent+text, indent+indent))
}

func (p customerPrinter) headline() {
	r, customer := p.r, term.Printable(p.r.Customer)
	switch {
	case r.Joined:
		p.sentence("", p.Say("joined", "customer", customer))
	case !r.Engaged:
		p.sentence("", p.Say("never", "customer", customer, "when", moment(r.Rhythm.LastAny), "entry", "NAME=active", "other", "NAME=passive;qualifying"))
	case r.Missing != "":
		p.sentence("", p.Say("was", "customer", customer, "level", p.Say(r.Level), "when", moment(r.Clock),
			"horizon", p.exactly(r.HorizonMS), "risk", term.RiskText(r.Risk), "last", moment(r.Rhythm.Last)))
	default:
		text := p.Say("level", "customer", customer, "level", p.Say(r.Level), "horizon", p.exactly(r.HorizonMS), "risk", term.RiskText(r.Risk))
		if r.Since > 0 && r.Level != churn.Healthy.String() {
			text += " " + p.Say("since", "when", moment(r.Since))
		}
		p.sentence("", text)
	}
}

func (p customerPrinter) clock(now time.Time) {
	r := p.r
	p.sentence("", p.Say("partition", "partition", strconv.Itoa(r.Partition), "token", r.Token,
		"record", strconv.FormatUint(r.Sequence, 10), "when", moment(r.Clock)))
	switch {
	case r.ImportOpen:
		p.sentence("", p.Say("import"))
	case p.stands:
		p.sentence("", p.Say("stands", "span", p.span(now.Sub(time.UnixMilli(r.Clock)).Milliseconds())))
	}
}

// unheard says where it is not the customer who is silent.
func (p customerPrinter) unheard() {
	u := p.r.Unheard
	if u == nil {
		return
	}
	feed, signal := p.Say("feed"), p.Say("signal")
	if u.Channel != "" {
		feed = p.Say("feed.channel", "channel", term.Printable(u.Channel))
	}
	if u.Held {
		signal = p.Say("signal.held")
	}
	if u.Silent {
		p.sentence("", p.Say("feed.silent", "feed", feed, "when", moment(u.Since), "signal", signal))

		return
	}
	p.sentence("", p.Say("feed.back", "signal", signal, "when", moment(u.Until)))
}

func (p customerPrinter) reasons() {
	p.w.Line("\n%s", p.Say("why"))
	said := func(text string) {
		if text != "" {
			p.sentence("  ", term.Printable(text)+".")
		}
	}
	said(p.r.Headline)
	for _, reason := range p.r.Reasons {
		p.sentence("  ", "- "+term.Printable(reason.Text))
	}
	said(p.r.IfBack)
}

// rhythm says what is known of the visits. What lies within one slot is counted
// once, so a count is no more than a bound, and the first and the latest visit may
// be two where it is one.
func (p customerPrinter) rhythm() {
	rhythm := &p.r.Rhythm
	slot := p.span(p.r.HorizonMS / churn.SlotsPerHorizon)
	usual, visits := p.Say("usual.none"), p.Say("visits.many", "n", strconv.Itoa(rhythm.Visits), "slot", slot)
	switch {
	case rhythm.Once:
		visits = p.Say("visits.once", "when", moment(rhythm.First))
	case rhythm.Visits == 1:
		visits = p.Say("visits.near", "slot", slot)
	}
	if rhythm.UsualGap > 0 {
		usual = p.span(rhythm.UsualGap)
	}
	table := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(table, "  %s\t%s\n", p.Say(name), value) }
	p.w.Line("\n%s", p.Say("rhythm"))
	row("usual", usual)
	row("visits", visits)
	if !rhythm.Once {
		row("first", moment(rhythm.First))
	}
	row("last", p.Say("last.value", "when", moment(rhythm.Last), "span", p.span(rhythm.Silent)))
	if rhythm.LastAny != rhythm.Last {
		row("any", p.Say("any.value", "when", moment(rhythm.LastAny)))
	}
	table.Flush()
}

// silence draws the risk over the present silence and says what comes of it.
func (p customerPrinter) silence() {
	p.w.Line("\n%s", p.Say("score"))
	curve, ends := sparkline(p.r.Scores)
	if len(ends) > 0 {
		first, last := ends[0], ends[len(ends)-1]
		p.sentence("  ", curve+"  "+p.Say("curve", "first", term.RiskText(first.Risk), "now", term.RiskText(p.r.Risk), "last", term.RiskText(last.Risk), "when", moment(last.At)))
	}
	next := p.r.Next
	switch {
	case next == nil && p.r.Unheard != nil && p.r.Unheard.Silent:
		p.sentence("  ", p.Say("next.unheard"))

		return
	case next == nil:
		p.sentence("  ", p.Say("next.none"))

		return
	}
	in := "in"
	if p.stands || p.r.ImportOpen {
		in = "in.clock"
	}
	p.sentence("  ", p.Say("next", "level", p.Say(next.Level), "when", moment(next.At), "in", p.Say(in, "span", p.span(next.In))))
}

// sparkline draws the points of the silence, 0 % the lowest bar and 100 % the
// highest, with a line between what was and what is to come. It also returns
// the points.
func sparkline(scores []shard.ScorePoint) (string, []shard.ScorePoint) {
	bars := []rune("▁▂▃▄▅▆▇█")
	var line strings.Builder
	var drawn []shard.ScorePoint
	ahead := false
	for _, point := range scores {
		if point.Source == shard.ScoreSignal {
			continue
		}
		if point.Source == shard.ScoreAhead && !ahead {
			line.WriteRune('│')
			ahead = true
		}
		line.WriteRune(bars[min(int(point.Risk*float64(len(bars))), len(bars)-1)])
		drawn = append(drawn, point)
	}

	return line.String(), drawn
}

func (p customerPrinter) history() {
	if len(p.r.History) == 0 && p.r.OlderChanges() == 0 {
		if p.r.Engaged {
			p.w.Line("\n%s", p.Say("unchanged"))
		}

		return
	}
	p.w.Line("\n%s", p.Say("changes"))
	if older := p.r.OlderChanges(); older > 0 {
		p.sentence("  ", p.Say("older", "n", strconv.Itoa(older)))
	}
	var rows [][]string
	for _, change := range p.r.History {
		why := ""
		if len(change.Reasons) > 0 {
			why = change.Reasons[0].Text
		}
		if !change.Published {
			why = strings.TrimSpace(p.Say("unpublished") + " " + why)
		}
		rows = append(rows, []string{
			strings.TrimSuffix(moment(change.At), " UTC"), p.Say(change.Previous) + " → " + p.Say(change.Level), term.RiskText(change.Risk), term.Printable(why),
		})
	}
	for _, line := range term.Fitted(rows, term.TerminalWidth) {
		p.w.Line("%s", line)
	}
}

// moment is a time for people, in UTC.
func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04 UTC") }
