package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ebb/pipeline"
	"ebb/pipeline/churn"
)

// printCustomer shows a report to a person, in the language of its reasons. now is
// the wall clock, which says only whether the partition's clock stands.
func printCustomer(to io.Writer, r *pipeline.CustomerReport, language string, now time.Time) error {
	p := customerPrinter{r: r, w: &quietWriter{to: to}, frame: frameOf(language), stands: now.Sub(time.UnixMilli(r.Clock)) > clockStands}
	p.headline()
	if r.Holdout {
		p.sentence("", p.say("holdout"))
	}
	if r.Returned {
		p.sentence("", p.say("returned"))
	}
	if r.Missing != "" {
		p.sentence("", p.say("missing", "what", printable(r.Missing)))
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
		p.w.line("")
		p.sentence("", p.say("note", "note", note))
	}

	return p.w.err
}

// clockStands is how far a partition's clock may be behind the wall clock
// before it is worth a word; owners tick every cut interval.
const clockStands = 2 * time.Minute

type customerPrinter struct {
	frame
	r      *pipeline.CustomerReport
	w      *quietWriter
	stands bool // the partition's clock does not go
}

// sentence writes a text of any length behind an indent.
func (p customerPrinter) sentence(indent, text string) {
	p.w.line("%s", wrapped(indent+text, indent+indent))
}

func (p customerPrinter) headline() {
	r, customer := p.r, printable(p.r.Customer)
	switch {
	case !r.Engaged:
		p.sentence("", p.say("never", "customer", customer, "when", moment(r.Rhythm.LastAny), "entry", "NAME=active", "other", "NAME=passive;qualifying"))
	case r.Missing != "":
		p.sentence("", p.say("was", "customer", customer, "level", p.say(r.Level), "when", moment(r.Clock),
			"horizon", p.exactly(r.HorizonMS), "risk", riskText(r.Risk), "last", moment(r.Rhythm.Last)))
	default:
		text := p.say("level", "customer", customer, "level", p.say(r.Level), "horizon", p.exactly(r.HorizonMS), "risk", riskText(r.Risk))
		if r.Since > 0 && r.Level != churn.Healthy.String() {
			text += " " + p.say("since", "when", moment(r.Since))
		}
		p.sentence("", text)
	}
}

func (p customerPrinter) clock(now time.Time) {
	r := p.r
	p.sentence("", p.say("partition", "partition", strconv.Itoa(r.Partition), "token", r.Token,
		"record", strconv.FormatUint(r.Sequence, 10), "when", moment(r.Clock)))
	switch {
	case r.ImportOpen:
		p.sentence("", p.say("import"))
	case p.stands:
		p.sentence("", p.say("stands", "span", p.span(now.Sub(time.UnixMilli(r.Clock)).Milliseconds())))
	}
}

// unheard says where it is not the customer who is silent.
func (p customerPrinter) unheard() {
	u := p.r.Unheard
	if u == nil {
		return
	}
	feed, signal := p.say("feed"), p.say("signal")
	if u.Channel != "" {
		feed = p.say("feed.channel", "channel", printable(u.Channel))
	}
	if u.Held {
		signal = p.say("signal.held")
	}
	if u.Silent {
		p.sentence("", p.say("feed.silent", "feed", feed, "when", moment(u.Since), "signal", signal))

		return
	}
	p.sentence("", p.say("feed.back", "signal", signal, "when", moment(u.Until)))
}

func (p customerPrinter) reasons() {
	p.w.line("\n%s", p.say("why"))
	said := func(text string) {
		if text != "" {
			p.sentence("  ", printable(text)+".")
		}
	}
	said(p.r.Headline)
	for _, reason := range p.r.Reasons {
		p.sentence("  ", "- "+printable(reason.Text))
	}
	said(p.r.IfBack)
}

// rhythm says what is known of the visits. What lies within one slot is counted
// once, so a count is no more than a bound, and the first and the latest visit may
// be two where it is one.
func (p customerPrinter) rhythm() {
	rhythm := &p.r.Rhythm
	slot := p.span(p.r.HorizonMS / churn.SlotsPerHorizon)
	usual, visits := p.say("usual.none"), p.say("visits.many", "n", strconv.Itoa(rhythm.Visits), "slot", slot)
	switch {
	case rhythm.Once:
		visits = p.say("visits.once", "when", moment(rhythm.First))
	case rhythm.Visits == 1:
		visits = p.say("visits.near", "slot", slot)
	}
	if rhythm.UsualGap > 0 {
		usual = p.span(rhythm.UsualGap)
	}
	table := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(table, "  %s\t%s\n", p.say(name), value) }
	p.w.line("\n%s", p.say("rhythm"))
	row("usual", usual)
	row("visits", visits)
	if !rhythm.Once {
		row("first", moment(rhythm.First))
	}
	row("last", p.say("last.value", "when", moment(rhythm.Last), "span", p.span(rhythm.Silent)))
	if rhythm.LastAny != rhythm.Last {
		row("any", p.say("any.value", "when", moment(rhythm.LastAny)))
	}
	table.Flush()
}

// silence draws the risk over the present silence and says what comes of it.
func (p customerPrinter) silence() {
	p.w.line("\n%s", p.say("score"))
	curve, ends := sparkline(p.r.Scores)
	if len(ends) > 0 {
		first, last := ends[0], ends[len(ends)-1]
		p.sentence("  ", curve+"  "+p.say("curve", "first", riskText(first.Risk), "now", riskText(p.r.Risk), "last", riskText(last.Risk), "when", moment(last.At)))
	}
	next := p.r.Next
	switch {
	case next == nil && p.r.Unheard != nil && p.r.Unheard.Silent:
		p.sentence("  ", p.say("next.unheard"))

		return
	case next == nil:
		p.sentence("  ", p.say("next.none"))

		return
	}
	in := "in"
	if p.stands || p.r.ImportOpen {
		in = "in.clock"
	}
	p.sentence("  ", p.say("next", "level", p.say(next.Level), "when", moment(next.At), "in", p.say(in, "span", p.span(next.In))))
}

// sparkline draws the points of the silence, 0 % the lowest bar and 100 % the
// highest, with a line between what was and what is to come. It also returns
// the points.
func sparkline(scores []pipeline.ScorePoint) (string, []pipeline.ScorePoint) {
	bars := []rune("▁▂▃▄▅▆▇█")
	var line strings.Builder
	var drawn []pipeline.ScorePoint
	ahead := false
	for _, point := range scores {
		if point.Source == pipeline.ScoreSignal {
			continue
		}
		if point.Source == pipeline.ScoreAhead && !ahead {
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
			p.w.line("\n%s", p.say("unchanged"))
		}

		return
	}
	p.w.line("\n%s", p.say("changes"))
	if older := p.r.OlderChanges(); older > 0 {
		p.sentence("  ", p.say("older", "n", strconv.Itoa(older)))
	}
	var rows [][]string
	for _, change := range p.r.History {
		why := ""
		if len(change.Reasons) > 0 {
			why = change.Reasons[0].Text
		}
		if !change.Published {
			why = strings.TrimSpace(p.say("unpublished") + " " + why)
		}
		rows = append(rows, []string{
			strings.TrimSuffix(moment(change.At), " UTC"), p.say(change.Previous) + " → " + p.say(change.Level), riskText(change.Risk), printable(why),
		})
	}
	for _, line := range fitted(rows, terminalWidth) {
		p.w.line("%s", line)
	}
}

func riskText(risk float64) string { return fmt.Sprintf("%.0f%%", 100*risk) }

// moment is a time for people, in UTC.
func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04 UTC") }

// spanWords is a length of time in the largest unit of which it has two.
func spanWords(ms int64) string {
	span := time.Duration(ms) * time.Millisecond
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{day, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}, {time.Second, "seconds"}} {
		if span >= 2*unit.length {
			return fmt.Sprintf("%d %s", (span+unit.length/2)/unit.length, unit.name)
		}
	}

	return "less than 2 seconds"
}
