package web

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"ebb/dashboards"
)

// series is a line, or the bars, of a panel.
type series struct {
	field  string // column of its numbers
	label  string // of a column of texts beside it, "" without one
	name   string // as it is shown
	color  string
	times  []time.Time
	values []float64
	look   look
	change string // how the newest compares with the beginning of the range, in words
}

// last is its newest number; NaN without one, also where it was known before: what has
// too few cases now says so.
func (s *series) last() float64 {
	if len(s.values) == 0 {
		return math.NaN()
	}

	return s.values[len(s.values)-1]
}

// known says whether there is a number at all.
func (s *series) known() bool {
	return slices.ContainsFunc(s.values, func(v float64) bool { return !math.IsNaN(v) })
}

// look is how one column or series is shown: that of the panel, with what overrides it.
type look struct {
	name     string
	unit     string
	decimals *float64
	color    string
	empty    string
	width    int
	link     string            // with ${__value.raw} for the value
	words    map[string]mapped // what stands for a value
	steps    bool              // what it shows holds until the next change
}

// mapped stands for a value of a column.
type mapped struct {
	Text  string `json:"text"`
	Color string `json:"color"`
}

var labelReference = regexp.MustCompile(`\$\{__field\.labels\.\w+\}`)

// wordsReference is of words about a figure: they stand beside it, not in its name.
const wordsReference = " ${__field.labels." + dashboards.Compared + "}"

// lookOf is how a column is shown that Grafana would call by one of the names.
func (p *panel) lookOf(field, label string) look {
	d := p.FieldConfig.Defaults
	l := look{name: field, unit: d.Unit, decimals: d.Decimals, empty: dash}
	if d.Color.Mode == "fixed" && strings.HasPrefix(d.Color.Fixed, "#") {
		l.color = d.Color.Fixed
	}
	full := field
	if label != "" {
		l.name, full = label, field+" "+label
	}
	for _, o := range p.FieldConfig.Overrides {
		pattern, _ := o.Matcher.Options.(string)
		switch o.Matcher.ID {
		case "byName":
			if pattern != full && pattern != field {
				continue
			}
		case "byRegexp":
			if r, err := regexp.Compile(pattern); err != nil || !r.MatchString(full) {
				continue
			}
		default:
			continue
		}
		for _, property := range o.Properties {
			l.apply(property)
		}
	}
	l.name = strings.TrimSuffix(l.name, wordsReference)
	l.name = labelReference.ReplaceAllLiteralString(l.name, label)

	return l
}

// labeledBy is the column of texts that names series, nil where there is none.
func labeledBy(f *frame) *column {
	for i := range f.columns {
		if c := &f.columns[i]; c.texts != nil && c.name != dashboards.Compared {
			return c
		}
	}

	return nil
}

// seriesOf makes series of a frame with a column of times, or of numbers over.
func (p *panel) seriesOf(f *frame, over string) []series {
	label, change := labeledBy(f), f.find(dashboards.Compared)
	var all []series
	at := map[[2]string]int{}
	var times *column
	for i := range f.columns {
		if f.columns[i].isTime() && times == nil {
			times = &f.columns[i]
		}
	}
	for i := range f.columns {
		c := &f.columns[i]
		if !c.isNumber() || c.name == over {
			continue
		}
		for row := range f.rows {
			key := [2]string{c.name}
			if label != nil {
				key[1] = label.texts[row]
			}
			n, known := at[key]
			if !known {
				l := p.lookOf(c.name, key[1])
				n, at[key] = len(all), len(all)
				all = append(all, series{field: c.name, label: key[1], name: l.name, color: l.color, look: l})
			}
			if times != nil {
				all[n].times = append(all[n].times, times.times[row])
			}
			all[n].values = append(all[n].values, c.numbers[row])
			if change != nil {
				all[n].change = change.texts[row]
			}
		}
	}
	palette := dashboards.Palette()
	taken := 0
	for i := range all {
		if all[i].color == "" || len(all) > 1 && all[i].color == p.FieldConfig.Defaults.Color.Fixed {
			all[i].color = palette[taken%len(palette)]
			taken++
		}
	}

	return all
}

// onGrid puts the points of a line on moments that are equally far apart. Between two
// points it goes straight, or stays where it is until the next, as Grafana draws it;
// before the first and behind the last there is nothing.
func (s *series) onGrid(from time.Time, step time.Duration, n int) []float64 {
	out := make([]float64, n)
	next := 0
	before := -1
	for i := range out {
		at := from.Add(time.Duration(i) * step)
		for next < len(s.times) && !s.times[next].After(at) {
			if !math.IsNaN(s.values[next]) {
				before = next
			}
			next++
		}
		after := next
		for after < len(s.times) && math.IsNaN(s.values[after]) {
			after++
		}
		switch {
		case before >= 0 && s.times[before].Equal(at):
			out[i] = s.values[before]
		case before >= 0 && after < len(s.times) && s.look.steps:
			out[i] = s.values[before]
		case before >= 0 && after < len(s.times):
			share := float64(at.Sub(s.times[before])) / float64(s.times[after].Sub(s.times[before]))
			out[i] = s.values[before] + share*(s.values[after]-s.values[before])
		case before >= 0 && at.Sub(s.times[before]) < step:
			out[i] = s.values[before]
		default:
			out[i] = math.NaN()
		}
	}

	return out
}
