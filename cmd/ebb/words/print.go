package words

import (
	"fmt"
	"io"
	"strings"

	"ebb/cmd/ebb/term"
)

// Print lists the types for people.
func (r *Report) Print(to io.Writer) error {
	w := &term.Writer{To: to}
	rows := [][]string{{"TYPE", "KIND", "CHANNEL", "STAGE", "COUNTS", "MONEY"}}
	for i := range r.Types {
		t := &r.Types[i]
		rows = append(rows, []string{t.Type, t.Kind, t.Channel, t.Stage, t.counts(), money(t.Money, "")})
	}
	for _, line := range term.Fitted(rows, term.TerminalWidth) {
		w.Line("%s", strings.TrimPrefix(line, "  "))
	}
	w.Line("")
	w.Folded("COUNTS: yes against silence; no; against the relation (a negative signal); sent, what the company does.")
	w.Line("")
	w.Line("Other names")
	for i := range r.Types {
		if t := &r.Types[i]; len(t.Aliases) > 0 {
			w.Folded("  %s: %s", t.Type, strings.Join(t.names(false), ", "))
		}
	}
	w.Line("")
	w.Folded("Channels: %s.", strings.Join(r.Channels, ", "))
	becomes := "count under unknown, never as engagement"
	if r.UnknownTypes == "reject" {
		becomes = "become dead letters"
	}
	w.Folded("Types that are not listed %s (unknown_types: %s).", becomes, r.UnknownTypes)
	r.printSeen(w)
	w.Line("")
	w.Folded("`ebb vocabulary TYPE` says what becomes of one, also by another name.")

	return w.Err
}

// names are the other names, and if asked for in which channel where that is another.
func (t *Type) names(channels bool) []string {
	names := make([]string, len(t.Aliases))
	for i, a := range t.Aliases {
		if names[i] = a.Name; channels && a.Channel != t.Channel {
			names[i] += " (" + a.Channel + ")"
		}
	}

	return names
}

// counts says in a word what an event of the type does.
func (t *Type) counts() string {
	switch {
	case t.Kind == "exposure":
		return "sent"
	case t.Negative:
		return "against"
	case t.Qualifying:
		return "yes"
	}

	return "no"
}

func money(sign, none string) string {
	if sign == "none" {
		return none
	}

	return sign
}

// printSeen lists the types that the vocabulary lacks, with lines to paste.
func (r *Report) printSeen(w *term.Writer) {
	w.Line("")
	switch {
	case r.NotAsked != "":
		w.Folded("%s", r.NotAsked)
	case r.Seen == nil:
	case len(r.Seen.Unknown) == 0:
		w.Folded("All types of the newest %d events of the stream are known.", r.Seen.Events)
	default:
		w.Folded("Of the newest %d events of the stream, these are of types that the vocabulary lacks:", r.Seen.Events)
		var entries []string
		for i := range r.Seen.Unknown {
			u := &r.Seen.Unknown[i]
			near := ""
			if u.Near != "" {
				near = "; did you mean " + u.Near + "?"
			}
			w.Folded("  %d of %s%s", u.Events, term.Printable(u.Type), near)
			entries = append(entries, term.Printable(u.Entry))
		}
		w.Line("")
		w.Folded("To let ebb know them, paste this into the configuration, with the kind that each has (passive, micro, active or exposure):")
		w.Line("")
		w.Line("vocabulary:")
		for _, entry := range entries {
			w.Line("  - %s", entry)
		}
	}
}

// PrintOne says what becomes of the events of a type.
func (t *Type) PrintOne(to io.Writer, asked, channel string) error {
	w := &term.Writer{To: to}
	if asked != t.Type {
		w.Folded("%s is another name of %s.", term.Printable(asked), t.Type)
	}
	stage := ""
	if t.Stage != "none" {
		stage = ", stage " + t.Stage
	}
	where := "in the channel that they name, else in " + channel
	if channel == "none" {
		where = "in the channel that they name, if any"
	}
	w.Folded("%s: %s%s. Its events count %s.", t.Type, t.Kind, stage, where)
	w.Folded("%s", t.effect())
	switch t.Money {
	case "+":
		w.Folded("Their value is what the customer pays; below 0 it is given back.")
	case "-":
		w.Folded("Their value is given back to the customer, whatever its sign.")
	default:
		w.Folded("Their value, if any, is no money.")
	}
	if t.Ends {
		w.Folded("They end the relation: the customer is gone at once.")
	}
	if t.Contacts {
		w.Folded("They are messages of the company, and make contact pressure.")
	}
	if t.Scale != nil {
		w.Folded("Their score is from %v, the worst, to %v, the best.", t.Scale.Worst, t.Scale.Best)
	}
	w.Folded("Weight %v, where a page view is 1.", t.Weight)
	if len(t.Aliases) > 0 {
		w.Folded("Other names: %s.", strings.Join(t.names(true), ", "))
	}

	return w.Err
}

// effect says what an event does to the risk of its customer.
func (t *Type) effect() string {
	silence := "don't count against silence"
	if t.Qualifying {
		silence = "count against silence: who does this is not gone"
	}
	switch {
	case t.Kind == "exposure":
		return "They are what the company does, never engagement."
	case t.Negative:
		return fmt.Sprintf("They are a signal against the relation, and %s. Those of machines count apart.", silence)
	}

	return fmt.Sprintf("They %s. Those of machines count apart.", silence)
}
