package show

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
)

// Summary shows a person what an import would publish.
func Summary(to io.Writer, s *replay.Summary) error {
	w := &term.Writer{To: to}
	anonymous := ""
	if s.Anonymous > 0 {
		anonymous = fmt.Sprintf(", %d of them anonymous", s.Anonymous)
	}
	w.Line("%s, read by the mapping %s: %d rows, %d customers%s", term.Printable(s.Source), s.Mapping, s.Rows, s.Customers, anonymous)
	if s.LastTime != 0 {
		w.Line("Events from %s to %s", term.TimeText(time.UnixMilli(s.FirstTime)), term.TimeText(time.UnixMilli(s.LastTime)))
	}
	for _, note := range s.Notes {
		w.Line("%s", term.Printable(note))
	}
	w.Line("Would be dead letters: %d", s.Bad)
	w.Line("Would be late, at a lateness of %s: %d", setting.Duration(s.LatenessMS*int64(time.Millisecond)), s.Late)
	w.Line("Would be too far ahead of the clock: %d", s.TooFarAhead)
	if s.BiggestJumpMS > 0 {
		w.Line("Longest step of the clock: %s, before row %d", time.Duration(s.BiggestJumpMS)*time.Millisecond, s.BiggestJumpRow)
	}

	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nLATENESS\tLATE")
	for _, other := range s.LateUnder {
		fmt.Fprintf(table, "%s\t%d\n", setting.Duration(other.LatenessMS*int64(time.Millisecond)), other.Late)
	}
	table.Flush()
	fmt.Fprintln(table, "\nTYPE\tKIND\tCHANNEL\tROWS\tWITH A VALUE")
	for _, t := range s.Types {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\n", term.Printable(t.Type), t.Kind, t.Channel, t.Rows, t.Values)
	}
	table.Flush()
	if unknown := unknownTypes(s); unknown != "" {
		w.Line("\nUnknown and never counted as engagement: %s. Map them to known types with types in a mapping, "+
			"or let ebb run know them: vocabulary: [NAME=active]", term.Printable(unknown))
	}
	if len(s.Problems) > 0 {
		w.Line("\nFirst problems, one of each kind")
	}
	for _, problem := range s.Problems {
		w.Line("  %s", term.Printable(problem))
	}

	return w.Err
}

// unknownTypes names the types that the vocabulary lacks, the first few of them.
func unknownTypes(s *replay.Summary) string {
	const most = 8
	var names []string
	for i := range s.Types {
		if s.Types[i].Kind == vocabulary.Unknown.String() {
			names = append(names, s.Types[i].Type)
		}
	}
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("and %d more", more))
	}

	return strings.Join(names, ", ")
}
