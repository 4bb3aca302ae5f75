package web

import (
	"html/template"
	"math"
	"slices"
	"time"

	"github.com/go-analyze/charts"

	"ebb/dashboards"
)

// fewLabels is how many names of bars stand beside each other.
const fewLabels = 11

// points is how many points a line has at most.
const points = 240

// canvas is what a chart is drawn on: pixels, and the range of its time.
type canvas struct {
	width, height int
	r             dashboards.Range
}

// theme has the colours of the series, and the page's for all else.
func theme(all []series) charts.ColorPalette {
	grey, line, faint := charts.ColorFromHex("#52606d"), charts.ColorFromHex("#cbd2d9"), charts.ColorFromHex("#e9edf1")
	colors := make([]charts.Color, len(all))
	for i := range all {
		colors[i] = charts.ColorFromHex(all[i].color)
	}

	return charts.MakeTheme(charts.ThemeOption{
		AxisStrokeColor: line, AxisSplitLineColor: faint, BackgroundColor: charts.ColorTransparent,
		TextColor: grey, SeriesColors: colors,
	})
}

// drawn is an SVG as a part of a page. The library escapes the texts in it.
func drawn(p *charts.Painter, err error) (template.HTML, error) {
	if err != nil {
		return "", err
	}
	svg, err := p.Bytes()

	return template.HTML(svg), err //nolint:gosec // made here; see above
}

func (c *canvas) painter(all []series) *charts.Painter {
	return charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: c.width, Height: c.height, Theme: theme(all)})
}

func small() charts.FontStyle { return charts.FontStyle{FontSize: 9} }

// legendOf are the names beside their colours, where there are several.
func legendOf(all []series) []shownName {
	var names []shownName
	for i := range all {
		if all[i].name != "" {
			names = append(names, shownName{all[i].name, all[i].color})
		}
	}
	if len(names) < 2 {
		return nil
	}

	return names
}

// below is the room that a legend leaves: the page breaks its lines, here they are guessed.
func (c *canvas) below(legend []shownName) canvas {
	const (
		letter, between, line = 6, 26, 16 // pixels
		most                  = 3         // lines
	)
	wide := 0
	for _, l := range legend {
		wide += letter*len(l.Name) + between
	}
	left := *c
	if wide > 0 {
		left.height -= line * min(most, 1+wide/c.width)
	}

	return left
}

func noLegend() charts.LegendOption { return charts.LegendOption{Show: charts.Ptr(false)} }

func padding() charts.Box { return charts.Box{Top: 6, Left: 4, Right: 14, Bottom: 2, IsSet: true} }

func (p *panel) valueAxis() charts.ValueAxisOption {
	d := p.FieldConfig.Defaults
	labels := 0 // as many as fit
	if d.Max != nil {
		labels = 6 // at every fourth of the whole
	}

	return charts.ValueAxisOption{
		LabelCount: labels,
		Min:        d.Min, Max: d.Max, LabelFontStyle: small(), LabelCountAdjustment: -1,
		ValueFormatter: func(v float64) string { return number(v, d.Unit, nil) },
	}
}

// lines draws series over time, also as areas, stacked or as shares of all.
func (p *panel) lines(all []series, c canvas) (template.HTML, error) {
	d := &p.FieldConfig.Defaults
	step := c.r.To.Sub(c.r.From) / points
	labels := make([]string, points+1)
	for i := range labels {
		labels[i] = moment(c.r.From.Add(time.Duration(i)*step), c.r.To.Sub(c.r.From))
	}
	values := make([][]float64, 0, len(all)+1)
	for i := range all {
		values = append(values, all[i].onGrid(c.r.From, step, points+1))
	}
	for _, s := range d.Thresholds.Steps {
		if d.Custom.ThresholdsStyle.Mode == "dashed" && s.Value != nil { // what they are held against
			values = append(values, slices.Repeat([]float64{*s.Value}, points+1))
			all = append(all, series{color: s.Color})
		}
	}
	stacked := d.Custom.Stacking.Mode == "normal" || d.Custom.Stacking.Mode == "percent"
	axis := p.valueAxis()
	if d.Custom.Stacking.Mode == "percent" {
		toShares(values)
		axis.Max = charts.Ptr(1.)
		axis.RangeValuePaddingScale = charts.Ptr(0.)
	}
	if axis.Min == nil && leastOf(values) >= 0 {
		axis.Min = charts.Ptr(0.)
	}
	if stacked { // the library takes less than the least value for the floor, unless that is 0
		values = append(values, make([]float64, points+1))
		all = append(all, series{color: "#00000000"})
	}
	option := charts.NewLineChartOptionWithData(nulls(values, stacked))
	option.Theme, option.Padding, option.Legend, option.YAxis = theme(all), padding(), noLegend(), []charts.YAxisOption{axis}
	option.XAxis = charts.XAxisOption{Labels: labels, LabelFontStyle: small(), LabelCount: 6, BoundaryGap: charts.Ptr(false)}
	option.Symbol = charts.Symbol{Shape: charts.SymbolNone}
	option.LineStrokeWidth = 1.8
	option.StackSeries = charts.Ptr(stacked)
	if stacked {
		option.FillOpacity = uint8(255 * d.Custom.FillOpacity / 100)
	}
	painter := c.painter(all)

	return drawn(painter, painter.LineChart(option))
}

// toShares divides by the sum of all at each moment.
func toShares(values [][]float64) {
	for i := range values[0] {
		var sum float64
		for _, v := range values {
			if !math.IsNaN(v[i]) {
				sum += v[i]
			}
		}
		for _, v := range values {
			if sum > 0 {
				v[i] *= (1 - 1e-9) / sum // rounded, all of them could be a little more than 1
			}
		}
	}
}

func leastOf(values [][]float64) float64 {
	least := math.Inf(1)
	for _, v := range values {
		for _, one := range v {
			if one < least { // false for NaN
				least = one
			}
		}
	}

	return least
}

// nulls puts what the library takes for a missing value where there is none; in a
// stack that is 0.
func nulls(values [][]float64, stacked bool) [][]float64 {
	for _, v := range values {
		for i := range v {
			if math.IsNaN(v[i]) {
				v[i] = charts.GetNullValue()
				if stacked {
					v[i] = 0
				}
			}
		}
	}

	return values
}

// bars draws what happened at each of the moments that the series name.
func (p *panel) bars(all []series, c canvas) (template.HTML, error) {
	var moments []time.Time
	for i := range all {
		moments = append(moments, all[i].times...)
	}
	slices.SortFunc(moments, time.Time.Compare)
	moments = evenly(slices.CompactFunc(moments, time.Time.Equal), c.r)
	labels := make([]string, len(moments))
	for i, at := range moments {
		labels[i] = moment(at, c.r.To.Sub(c.r.From))
	}
	values := make([][]float64, len(all))
	for i := range all {
		values[i] = make([]float64, len(moments))
		for j, at := range all[i].times {
			if k, found := slices.BinarySearchFunc(moments, at, time.Time.Compare); found && !math.IsNaN(all[i].values[j]) {
				values[i][k] += all[i].values[j]
			}
		}
	}

	return p.barChart(all, values, labels, c)
}

// evenly are the moments and, where they lie on a grid, all others of it in the range: bars
// stand beside each other whatever lies between them.
func evenly(moments []time.Time, r dashboards.Range) []time.Time {
	if len(moments) < 2 {
		return moments
	}
	step := moments[1].Sub(moments[0])
	for i := 2; i < len(moments); i++ {
		step = min(step, moments[i].Sub(moments[i-1]))
	}
	if r.To.Sub(r.From) > 2*points*step {
		return moments
	}
	var all []time.Time
	for at := moments[0].Add(-moments[0].Sub(r.From).Truncate(step)); !at.After(r.To); at = at.Add(step) {
		all = append(all, at)
	}
	for _, at := range moments {
		if !slices.ContainsFunc(all, at.Equal) {
			return moments
		}
	}

	return all
}

// categories draws a bar for each row that a column names.
func (p *panel) categories(f *frame, c canvas) (template.HTML, error) {
	names := f.find(p.Options.XField)
	if names == nil || names.texts == nil {
		return "", nil
	}
	all := p.categoriesOf(f)
	values := make([][]float64, len(all))
	for i := range all {
		values[i] = zeros(all[i].values)
	}
	labels := make([]string, len(names.texts))
	for i, text := range names.texts {
		labels[i] = cutTo(text, 40)
	}

	return p.barChart(all, values, labels, c)
}

// categoriesOf are the columns of numbers: the bars of each are a series.
func (p *panel) categoriesOf(f *frame) []series {
	var all []series
	for i := range f.columns {
		column := &f.columns[i]
		if !column.isNumber() {
			continue
		}
		l := p.lookOf(column.name, "")
		if l.color == "" {
			l.color = dashboards.Palette()[len(all)%len(dashboards.Palette())]
		}
		all = append(all, series{name: l.name, color: l.color, values: column.numbers})
	}

	return all
}

func zeros(values []float64) []float64 {
	out := slices.Clone(values)
	for i := range out {
		if math.IsNaN(out[i]) {
			out[i] = 0
		}
	}

	return out
}

func cutTo(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}

	return text
}

func (p *panel) barChart(all []series, values [][]float64, labels []string, c canvas) (template.HTML, error) {
	if len(values) == 0 || len(labels) == 0 {
		return "", nil
	}
	horizontal := p.Options.Orientation == "horizontal"
	if horizontal { // the library begins at the bottom
		slices.Reverse(labels)
		for _, v := range values {
			slices.Reverse(v)
		}
	}
	option := charts.NewBarChartOptionWithData(values)
	option.Theme, option.Padding, option.Legend, option.Horizontal = theme(all), padding(), noLegend(), horizontal
	option.StackSeries = charts.Ptr(p.Options.Stacking == "normal" || p.FieldConfig.Defaults.Custom.Stacking.Mode == "normal")
	axis := p.valueAxis()
	if leastOf(values) < 0 {
		axis.Min = nil
	}
	if horizontal { // names of numbers are wider than high
		axis.LabelCount = 6
	}
	option.ValueAxis = []charts.ValueAxisOption{axis}
	option.CategoryAxis = charts.CategoryAxisOption{Labels: labels, LabelFontStyle: small()}
	switch { // the library leaves out what it takes for too many
	case p.Type == "timeseries":
		option.CategoryAxis.LabelCount = 7
	case horizontal || len(labels) <= fewLabels:
		option.CategoryAxis.LabelCount = len(labels)
	}
	painter := c.painter(all)

	return drawn(painter, painter.BarChart(option))
}

// curve draws numbers over a column of numbers.
func (p *panel) curve(f *frame, c canvas) (template.HTML, error) {
	over := f.find(p.Options.XField)
	if over == nil || !over.isNumber() || f.rows == 0 {
		return "", nil
	}
	all := p.seriesOf(f, over.name)
	low, high := slices.Min(over.numbers), slices.Max(over.numbers)
	if high == low {
		high = low + 1
	}
	// The grid of a line over time does for any axis: a second stands for a part of it.
	begin := time.Unix(0, 0)
	place := func(x float64) time.Time {
		return begin.Add(time.Duration((x - low) / (high - low) * points * float64(time.Second)))
	}
	values := make([][]float64, len(all))
	for i := range all {
		for _, x := range over.numbers {
			all[i].times = append(all[i].times, place(x))
		}
		values[i] = all[i].onGrid(begin, time.Second, points+1)
	}
	labels := make([]string, points+1)
	for i := range labels {
		labels[i] = number(low+(high-low)*float64(i)/points, p.lookOf(over.name, "").unit, nil)
	}
	axis := p.valueAxis()
	option := charts.NewLineChartOptionWithData(nulls(values, false))
	option.Theme, option.Padding, option.Legend, option.YAxis = theme(all), padding(), noLegend(), []charts.YAxisOption{axis}
	option.XAxis = charts.XAxisOption{Labels: labels, LabelFontStyle: small(), LabelCount: 6, BoundaryGap: charts.Ptr(false)}
	option.Symbol, option.LineStrokeWidth = charts.Symbol{Shape: charts.SymbolNone}, 1.8
	painter := c.painter(all)

	return drawn(painter, painter.LineChart(option))
}

// spark draws the course of a figure, without words.
func spark(s *series, c canvas) (template.HTML, error) {
	step := c.r.To.Sub(c.r.From) / points
	values := s.onGrid(c.r.From, step, points+1)
	whole := !slices.ContainsFunc(values, math.IsNaN) // the library fills across gaps
	option := charts.NewLineChartOptionWithData(nulls([][]float64{values}, false))
	option.Theme, option.Padding = theme([]series{*s}), charts.Box{IsSet: true}
	option.Symbol, option.LineStrokeWidth = charts.Symbol{Shape: charts.SymbolNone}, 1.5
	option.FillArea, option.FillOpacity = charts.Ptr(whole), 30
	option.XAxis = charts.XAxisOption{Show: charts.Ptr(false), BoundaryGap: charts.Ptr(false)}
	option.YAxis = []charts.YAxisOption{{Show: charts.Ptr(false), SplitLineShow: charts.Ptr(false)}}
	option.Legend.Show = charts.Ptr(false)
	painter := c.painter([]series{*s})

	return drawn(painter, painter.LineChart(option))
}
