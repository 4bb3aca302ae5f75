package dashboards

import (
	"fmt"
	"strings"

	"ebb/pipeline/metric"
)

// shown is what a panel shows: what stands above it, its unit by Grafana's name, and what
// the reader should know of it.
type shown struct {
	title, unit, description string
	err                      error
}

// says describes what is in no registry.
func says(title, unit, description string) shown {
	return shown{title: title, unit: unit, description: description}
}

// of describes a column as the registry of metrics does, so that a panel can't say
// something else than `ebb metrics`.
func of(name, column string) shown {
	d, ok := metric.Find(metric.Describe(), name)
	if !ok {
		return shown{err: fmt.Errorf("the registry has no metric %s", name)}
	}
	for i := range d.Columns {
		c := &d.Columns[i]
		if c.Name != column {
			continue
		}
		title := c.Title
		if title == "" {
			title = d.Title
		}
		text := sentence(c.Definition)
		if d.Definition != "" && sentence(d.Definition) != text {
			text += " " + sentence(d.Definition)
		}
		if c.Least > 0 {
			text += fmt.Sprintf(" Not shown with fewer than %d %s.", c.Least, strings.ReplaceAll(c.Cases, "_", " "))
		}

		return shown{title: title, unit: unitOf(c.Unit), description: text}
	}

	return shown{err: fmt.Errorf("metric %s has no column %s", name, column)}
}

// titled gives it a title that says which part is shown.
func (s shown) titled(title string) shown {
	s.title = title

	return s
}

// and says more of it.
func (s shown) and(more string) shown {
	s.description += " " + more

	return s
}

func sentence(text string) string {
	if text == "" {
		return ""
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}

	return text
}

// unitOf is Grafana's name of a unit of the registry. Amounts are numbers: their currency
// is a column of its own.
func unitOf(unit string) string {
	switch unit {
	case "share", "probability":
		return "percentunit"
	case "seconds":
		return "s"
	case "days":
		return "d"
	default:
		return "short"
	}
}
