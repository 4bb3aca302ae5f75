package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"ebb/dashboards"
)

const (
	columns   = 24 // of the grid
	rowHeight = 34 // pixels of a row of the grid
	gridWidth = 1240
	tableRows = 200 // that a page shows

	letterWidth = 7 // pixels of a letter, about
)

// shown is a panel as the page's template takes it: one of its parts is there.
type shown struct {
	Title, Description string
	Width, Height      int // columns of the grid, pixels

	Heading, Words string // of a text
	Figures        []shownFigure
	Picture        template.HTML
	Legend         []shownName // of the picture
	Table          *shownTable
	States         []shownState
	Moments        []shownMoment // below the states
	Empty          string        // what stands there instead
	Failed         string        // why the query failed
}

// shownName is whose colour it is.
type shownName struct{ Name, Color string }

// shownFigure is one large number.
type shownFigure struct {
	Name, Value, Color string
	Words              bool   // the value is none, but why
	Change             string // against the beginning of the range, in words
	Good               string // good, bad or "": what the change is
	Course             template.HTML
}

type shownTable struct {
	Heads []shownHead
	Rows  [][]shownCell
	More  int // rows that are left out
}

type shownHead struct {
	Name   string
	Number bool
	Width  int
}

type shownCell struct {
	Text, Color, Link string
	Number            bool
	Short             bool // it stands on one line
}

// shownState is for how long something held.
type shownState struct {
	Text, Color, Title string
	Left, Width        float64 // percent
}

// shownMoment is a mark of the time below them.
type shownMoment struct {
	Text string
	Left float64 // percent
}

// momentsOf are those of a range, at each fifth of it.
func momentsOf(r dashboards.Range) []shownMoment {
	const parts = 5
	var out []shownMoment
	for i := range parts {
		at := r.From.Add(time.Duration(i) * r.To.Sub(r.From) / parts)
		out = append(out, shownMoment{Text: moment(at, r.To.Sub(r.From)), Left: 100 * float64(i) / parts})
	}

	return out
}

// show asks for what the panel shows. That a query fails is shown in its place.
func (s *site) show(ctx context.Context, p *panel, c canvas, query url.Values) shown {
	out := shown{Title: p.Title, Description: p.Description, Width: min(p.GridPos.W, columns), Height: p.GridPos.H * rowHeight}
	if p.Type == "text" {
		heading, words, _ := strings.Cut(strings.TrimPrefix(p.Options.Content, "### "), "\n")
		out.Heading, out.Words = heading, strings.ReplaceAll(words, "`", "")

		return out
	}
	if len(p.Targets) == 0 {
		out.Empty = "Only Grafana shows this."

		return out
	}
	f, err := s.query(ctx, p.Targets[0].SQL, c.r)
	if err != nil {
		s.log.Warn("query of a dashboard failed", "panel", p.Title, "error", err)
		out.Failed = "The query failed: " + cutTo(err.Error(), 300)
		if errors.Is(err, context.DeadlineExceeded) {
			out.Failed = fmt.Sprintf("ClickHouse did not answer within %s; a shorter range asks for less.", queryTimeout)
		}

		return out
	}
	out.Empty = p.FieldConfig.Defaults.NoValue
	if f.rows == 0 {
		return out
	}
	c.width = gridWidth*out.Width/columns - 28
	c.height = out.Height - 48
	if out, err = s.fill(out, p, f, c, query); err != nil {
		out.Failed = "The picture failed: " + err.Error()
	}

	return out
}

func (s *site) fill(out shown, p *panel, f *frame, c canvas, query url.Values) (_ shown, err error) {
	switch p.Type {
	case "stat":
		out.Figures, err = p.figures(f, c)
	case "timeseries":
		all := p.seriesOf(f, "")
		switch {
		case !slices.ContainsFunc(all, func(one series) bool { return one.known() }): // the page says so
		case p.FieldConfig.Defaults.Custom.DrawStyle == "bars":
			out.Legend = legendOf(all)
			out.Picture, err = p.bars(all, c.below(out.Legend))
		default:
			out.Legend = legendOf(all)
			out.Picture, err = p.lines(all, c.below(out.Legend))
		}
	case "barchart":
		out.Legend = legendOf(p.categoriesOf(f))
		out.Picture, err = p.categories(f, c.below(out.Legend))
	case "trend":
		out.Legend = legendOf(p.seriesOf(f, p.Options.XField))
		out.Picture, err = p.curve(f, c.below(out.Legend))
	case "state-timeline":
		out.States, out.Legend = p.states(f, c)
		out.Moments = momentsOf(c.r)
	case "table":
		out.Table = p.table(f, s.now(), query)
	default:
		out.Empty = "Only Grafana shows this."
	}

	return out, err
}

// figures are the newest numbers.
func (p *panel) figures(f *frame, c canvas) ([]shownFigure, error) {
	overTime := p.Targets[0].Format == 0
	all := p.seriesOf(f, "")
	var out []shownFigure
	for i := range all {
		one := &all[i]
		v := one.last()
		shown := shownFigure{Value: number(v, one.look.unit, one.look.decimals), Color: p.colorOf(v)}
		if math.IsNaN(v) {
			shown.Value, shown.Color, shown.Words = p.FieldConfig.Defaults.NoValue, "", true
		}
		if len(all) > 1 || one.label != "" {
			shown.Name = one.name
		}
		if !shown.Words && one.color != "" && shown.Color == "" && p.FieldConfig.Defaults.Color.Mode == "fixed" && strings.HasPrefix(p.FieldConfig.Defaults.Color.Fixed, "#") {
			shown.Color = legible(p.FieldConfig.Defaults.Color.Fixed)
		}
		if overTime && !math.IsNaN(v) {
			shown.Change, shown.Good = one.change, newsOf(one.change, p.Options.ChangeColor)
			if p.Options.GraphMode == "area" && len(one.times) > 1 {
				var err error
				if shown.Color != "" {
					one.color = shown.Color // not one of several lines: the course of this figure
				}
				width := c.width / len(all)
				if shown.Course, err = spark(one, canvas{width: max(width, 60), height: 40, r: c.r}); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, shown)
	}

	return out, nil
}

// newsOf says whether a change is good news, by the sign that its words begin with; "" of
// what is none, or neither.
func newsOf(change, mode string) string {
	up := strings.HasPrefix(change, "+")
	switch {
	case !up && !strings.HasPrefix(change, "-") || mode != "standard" && mode != "inverted":
		return ""
	case up == (mode == "standard"):
		return "good"
	default:
		return "bad"
	}
}

// colorOf is the colour of the step that a number has reached, "" for a neutral one.
func (p *panel) colorOf(v float64) string {
	steps := p.FieldConfig.Defaults.Thresholds.Steps
	if p.FieldConfig.Defaults.Color.Mode != "thresholds" {
		return ""
	}
	color := ""
	for _, s := range steps {
		if s.Value == nil || v >= *s.Value {
			color = s.Color
		}
	}
	if !strings.HasPrefix(color, "#") {
		return ""
	}

	return legible(color)
}

// legible darkens the one colour that letters on white can't have.
func legible(color string) string {
	if color == dashboards.Yellow {
		return "#8a7400"
	}

	return color
}

// table are the rows as they are, with the words, units and links of their columns.
func (p *panel) table(f *frame, now time.Time, query url.Values) *shownTable {
	t := &shownTable{Rows: make([][]shownCell, min(f.rows, tableRows)), More: max(0, f.rows-tableRows)}
	for i := range f.columns {
		column := &f.columns[i]
		l := p.lookOf(column.name, "")
		if l.name == column.name {
			l.name = strings.ReplaceAll(l.name, "_", " ")
		}
		t.Heads = append(t.Heads, shownHead{Name: l.name, Number: column.isNumber(), Width: l.width})
		for row := range t.Rows {
			t.Rows[row] = append(t.Rows[row], column.cell(row, &l, now, query))
		}
	}

	return t
}

func (c *column) cell(row int, l *look, now time.Time, query url.Values) shownCell {
	switch {
	case c.isTime() && l.unit == "dateTimeFromNow":
		return shownCell{Text: ago(c.times[row], now), Short: true}
	case c.isTime():
		if c.times[row].IsZero() {
			return shownCell{Text: l.empty}
		}

		if c.days() {
			return shownCell{Text: c.times[row].UTC().Format(time.DateOnly), Short: true}
		}

		return shownCell{Text: c.times[row].UTC().Format("2006-01-02 15:04"), Short: true}
	case c.isNumber():
		cell := shownCell{Text: number(c.numbers[row], l.unit, l.decimals), Number: true}
		if math.IsNaN(c.numbers[row]) {
			cell.Text = l.empty
		}

		return cell
	}
	cell := shownCell{Text: c.texts[row]}
	if m, found := l.words[cell.Text]; found {
		cell.Color, cell.Short = m.Color, true
		if m.Text != "" {
			cell.Text = m.Text
		}
	}
	if l.link != "" {
		cell.Link = linkTo(l.link, c.texts[row], query)
	}

	return cell
}

// linkTo is Grafana's link of a cell as one of these pages.
func linkTo(pattern, value string, query url.Values) string {
	target, parameters, _ := strings.Cut(pattern, "?")
	to := url.Values{}
	if span := query.Get("last"); span != "" {
		to.Set("last", span)
	}
	for parameter := range strings.SplitSeq(parameters, "&") {
		if name, v, found := strings.Cut(parameter, "="); found && v == "${__value.raw}" {
			to.Set(name, value)
		}
	}

	return target + "?" + to.Encode()
}

// states are what held when, from the first moment in the range to the next, and their
// names, which not every one has room for.
func (p *panel) states(f *frame, c canvas) (out []shownState, names []shownName) {
	var times, words *column
	for i := range f.columns {
		switch column := &f.columns[i]; {
		case column.isTime() && times == nil:
			times = column
		case column.texts != nil && words == nil:
			words = column
		}
	}
	if times == nil || words == nil {
		return nil, nil
	}
	l := p.lookOf(words.name, "")
	whole := c.r.To.Sub(c.r.From).Seconds()
	for row := range f.rows {
		until := c.r.To
		if row+1 < f.rows {
			until = times.times[row+1]
		}
		from := times.times[row]
		width := 100 * until.Sub(from).Seconds() / whole
		m := l.words[words.texts[row]]
		if m.Text == "" {
			m.Text = words.texts[row]
		}
		title := m.Text + " from " + from.UTC().Format("2006-01-02 15:04")
		if n := len(out); n > 0 && out[n-1].Text == m.Text {
			out[n-1].Width += width

			continue
		}
		out = append(out, shownState{Text: m.Text, Color: m.Color, Title: title,
			Left: 100 * from.Sub(c.r.From).Seconds() / whole, Width: width})
	}

	out = slices.DeleteFunc(out, func(s shownState) bool { return s.Width <= 0 })
	for i := range out {
		if name := (shownName{out[i].Text, out[i].Color}); !slices.Contains(names, name) {
			names = append(names, name)
		}
		if out[i].Width*float64(c.width) < 100*letterWidth*float64(len(out[i].Text)+1) { // half a word says something else
			out[i].Text = ""
		}
	}

	return out, names
}
