package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"ebb/pipeline"
)

// printCustomer shows a report to a person. now is the wall clock, which says
// only whether the partition's clock stands.
func printCustomer(to io.Writer, r *pipeline.CustomerReport, now time.Time) error {
	p := customerPrinter{r: r, w: &quietWriter{to: to}, stands: now.Sub(time.UnixMilli(r.Clock)) > clockStands}
	p.headline()
	if p.r.Holdout {
		p.w.line("They are in the hold-out: do not act on their signals; compare.")
	}
	if p.r.Returned {
		p.w.line("They had left before, and have returned: nothing is known of that time.")
	}
	if r.Missing != "" {
		p.w.line("%s", wrapped("Missing is "+printable(r.Missing)+".", ""))
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
		p.w.line("\nNote: %s.", note)
	}

	return p.w.err
}

// clockStands is how far a partition's clock may be behind the wall clock
// before it is worth a word; owners tick every cut interval.
const clockStands = 2 * time.Minute

type customerPrinter struct {
	r      *pipeline.CustomerReport
	w      *quietWriter
	stands bool // the partition's clock does not go
}

func (p customerPrinter) headline() {
	if !p.r.Engaged {
		p.w.line("%s has never engaged: there is no score. The last event came at %s, and none so far was of a type that counts as engagement. "+
			"Passive ones (views, opens), messages that you sent, negative ones and types that the vocabulary lacks do not; "+
			"the setting vocabulary changes that: NAME=active, or NAME=passive;qualifying.",
			printable(p.r.Customer), moment(p.r.Rhythm.LastAny))

		return
	}
	if p.r.Missing != "" {
		p.w.line("%s was %s at %s, as their newest signal says:", printable(p.r.Customer), levelWords(p.r.Level), moment(p.r.Clock))
		p.w.line("the probability of no engagement in the next %s was %s.", spanWords(p.r.HorizonMS), riskText(p.r.Risk))
		p.w.line("They had last engaged at %s.", moment(p.r.Rhythm.Last))

		return
	}
	p.w.line("%s is %s: the probability of no engagement in the next %s is %s.",
		printable(p.r.Customer), levelWords(p.r.Level), spanWords(p.r.HorizonMS), riskText(p.r.Risk))
}

func (p customerPrinter) clock(now time.Time) {
	p.w.line("Partition %d (subject token %s) up to record %d, its clock at %s.",
		p.r.Partition, p.r.Token, p.r.Sequence, moment(p.r.Clock))
	switch {
	case p.r.ImportOpen:
		p.w.line("The clock is that of an import; it stands where the imported history ends.")
	case p.stands:
		p.w.line("No record and no tick came in the %s since: is ebb running?",
			spanWords(now.Sub(time.UnixMilli(p.r.Clock)).Milliseconds()))
	}
}

// unheard says where it is not the customer who is silent.
func (p customerPrinter) unheard() {
	u := p.r.Unheard
	if u == nil {
		return
	}
	feed, signal := "The input", "a signal of their silence would be"
	if u.Channel != "" {
		feed += " by " + u.Channel
	}
	if u.Held {
		signal = "the signal of their silence is"
	}
	if u.Silent {
		p.w.line("%s has been silent since %s: %s held until it is back.", feed, moment(u.Since), signal)

		return
	}
	p.w.line("The input was silent until lately: %s held until %s, to give them time to be heard.", signal, moment(u.Until))
}

func (p customerPrinter) reasons() {
	p.w.line("\nWhy")
	p.sentence(p.r.Headline)
	for _, reason := range p.r.Reasons {
		p.w.line("  - %s", printable(reason.Text))
	}
	p.sentence(p.r.IfBack)
}

func (p customerPrinter) sentence(text string) {
	if text != "" {
		p.w.line("  %s.", printable(text))
	}
}

func (p customerPrinter) rhythm() {
	rhythm := &p.r.Rhythm
	usual := "none yet, after a single visit"
	if rhythm.UsualGap > 0 {
		usual = "about " + spanWords(rhythm.UsualGap)
	}
	table := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nRhythm, as the model sees it; visits close to each other are one")
	fmt.Fprintf(table, "  usual gap\t%s\n", usual)
	fmt.Fprintf(table, "  visits\t%d, the first at %s\n", rhythm.Visits, moment(rhythm.First))
	fmt.Fprintf(table, "  last engaged\t%s, silent for %s\n", moment(rhythm.Last), spanWords(rhythm.Silent))
	if rhythm.LastAny != rhythm.Last {
		fmt.Fprintf(table, "  last event\t%s, of any kind\n", moment(rhythm.LastAny))
	}
	table.Flush()
}

// silence draws the score over the present silence and says what comes of it.
func (p customerPrinter) silence() {
	p.w.line("\nScore in this silence")
	curve, ends := sparkline(p.r.Scores)
	if len(ends) > 0 {
		first, last := ends[0], ends[len(ends)-1]
		p.w.line("  %s  %s at the last engagement, %s now, %s at %s", curve,
			riskText(first.Risk), riskText(p.r.Risk), riskText(last.Risk), moment(last.At))
	}
	next := p.r.Next
	switch {
	case next == nil && p.r.Unheard != nil && p.r.Unheard.Silent:
		p.w.line("  Next crossing: none while the input is silent.")

		return
	case next == nil:
		p.w.line("  Next crossing: not in silence alone.")

		return
	}
	when := "in " + spanWords(next.In)
	if p.stands || p.r.ImportOpen {
		when = spanWords(next.In) + " after the partition's clock"
	}
	p.w.line("  Next crossing, if they stay silent: %s at %s, %s.", levelWords(next.Level), moment(next.At), when)
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
			p.w.line("\nThe level has never changed.")
		}

		return
	}
	p.w.line("\nChanges of level, the newest last")
	if older := p.r.OlderChanges(); older > 0 {
		p.w.line("  (%d older ones are not shown: the stream of signals no longer holds them, or there are too many)", older)
	}
	table := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, change := range p.r.History {
		why := ""
		if len(change.Reasons) > 0 {
			why = change.Reasons[0].Text
		}
		if !change.Published {
			why = strings.TrimPrefix(why+" (not published yet)", " ")
		}
		fmt.Fprintf(table, "  %s\t%s → %s\t%s\t%s\n",
			moment(change.At), levelWords(change.Previous), levelWords(change.Level), riskText(change.Risk), printable(why))
	}
	table.Flush()
}

func levelWords(level string) string { return strings.ReplaceAll(level, "_", " ") }

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
