package replay

import (
	"fmt"
	"strings"
	"time"
)

// Words says to a person what is wrong with the times of a file and what
// becomes of it, in sentences; none where nothing is.
func (t *Timeline) Words(source Source, m *Mapping, limits Limits) []string {
	var words []string
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	lateness := limits.Of(m).Lateness
	switch {
	case t.WrongUnit:
		say("%v: %d of %d rows of %s. Name the unit of the file (unix, unix_ms, unix_us, unix_ns) in the mapping under time.formats.",
			ErrWrongUnit, t.Refused[Unset], t.Rows, source.Name)
	case t.Sorted && t.Late > 0:
		say("%s is not in the order of time: %d of %d rows would be late. It is sorted by time before it is read.",
			source.Name, t.Late, t.Rows)
	case t.Late > 0:
		say("%d of %d rows of %s come later than the lateness of %v allows, and count as late. "+
			"A longer lateness takes them in; time: {order: time} in the mapping sorts the file first.",
			t.Late, t.Rows, source.Name, lateness)
	}
	for doubt := Believed + 1; doubt < Doubts; doubt++ {
		if n := t.Refused[doubt]; n > 0 && !(doubt == Unset && t.WrongUnit) {
			say("%s refused, the time is %s%s; %s.", rowsAre(n), doubt.reason(), t.named(doubt), doubt.remedy())
		}
	}

	return words
}

func rowsAre(n int64) string {
	if n == 1 {
		return "1 row is"
	}

	return fmt.Sprintf("%d rows are", n)
}

// named lists the examples of a doubt.
func (t *Timeline) named(doubt Doubt) string {
	var names []string
	for _, e := range t.Examples {
		if e.Doubt != doubt {
			continue
		}
		name := ""
		if e.Row > 0 {
			name = fmt.Sprintf("row %d", e.Row)
		}
		if e.Clock > 0 {
			name = strings.TrimSpace(name + " " + time.UnixMilli(e.Clock).UTC().Format(time.RFC3339))
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}

	return " (" + strings.Join(names, ", ") + ")"
}

// String is the doubt as programs read it.
func (d Doubt) String() string {
	return [Doubts]string{"none", "future", "unset", "astray", "alone", "unclear", "nowhere"}[d]
}
