package page

import (
	"fmt"
	"strings"
)

// Size of a plot, and its margins for the scales, in user units.
const (
	width, height = 420, 260
	left, right   = 48, 12
	top, bottom   = 14, 34
)

// plot is a drawing as the template wants it: everything is in user units.
type plot struct {
	Title, Caption string
	Width, Height  int
	Ticks          []text
	Lines          []line
	Curves         []curve
	Bars           []bar
	Dots           []dot
	Legend         []entry

	x, y scale
}

// scale maps values to one direction of the drawing.
type scale struct{ low, high, from, to float64 }

func (s scale) at(v float64) float64 {
	if s.high == s.low {
		return s.from
	}

	return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from)
}

type (
	text struct {
		X, Y   string
		Anchor string // of SVG: start, middle, end
		Text   string
	}
	line  struct{ Class, X1, Y1, X2, Y2 string }
	curve struct{ Class, Points string }
	bar   struct{ X, Y, Width, Height string }
	dot   struct{ X, Y, Class, Title string }
	entry struct{ Class, Text string }
)

// newPlot draws an empty plot over the ranges of its values.
func newPlot(title, caption string, xLow, xHigh, yLow, yHigh float64) plot {
	p := plot{
		Title: title, Caption: caption, Width: width, Height: height,
		x: scale{xLow, xHigh, left, width - right},
		y: scale{yLow, yHigh, height - bottom, top},
	}
	p.line("axis", xLow, yLow, xHigh, yLow)
	p.line("axis", xLow, yLow, xLow, yHigh)

	return p
}

// xTick writes a value below the horizontal axis.
func (p *plot) xTick(v float64, label string) {
	p.Ticks = append(p.Ticks, text{unit(p.x.at(v)), unit(height - bottom + 16), "middle", label})
}

// yTick writes a value beside the vertical axis, with a line across.
func (p *plot) yTick(v float64, label string) {
	p.Ticks = append(p.Ticks, text{unit(left - 6), unit(p.y.at(v) + 4), "end", label})
	p.line("grid", p.x.low, v, p.x.high, v)
}

// yTicks writes n + 1 values that are evenly spaced.
func (p *plot) yTicks(n int, format string) {
	for i := range n + 1 {
		v := p.y.low + (p.y.high-p.y.low)*float64(i)/float64(n)
		p.yTick(v, fmt.Sprintf(format, v))
	}
}

func (p *plot) xTicks(n int, format string) {
	for i := range n + 1 {
		v := p.x.low + (p.x.high-p.x.low)*float64(i)/float64(n)
		p.xTick(v, fmt.Sprintf(format, v))
	}
}

func (p *plot) line(class string, x1, y1, x2, y2 float64) {
	p.Lines = append(p.Lines, line{class, unit(p.x.at(x1)), unit(p.y.at(y1)), unit(p.x.at(x2)), unit(p.y.at(y2))})
}

func (p *plot) curve(class string, xs, ys []float64) {
	var points strings.Builder
	for i := range xs {
		fmt.Fprintf(&points, "%s,%s ", unit(p.x.at(xs[i])), unit(p.y.at(ys[i])))
	}
	p.Curves = append(p.Curves, curve{class, strings.TrimSpace(points.String())})
}

func (p *plot) bar(x1, x2, y float64) {
	above := p.y.at(y)
	p.Bars = append(p.Bars, bar{unit(p.x.at(x1)), unit(above), unit(max(p.x.at(x2)-p.x.at(x1)-1, 0.5)), unit(p.y.at(p.y.low) - above)})
}

func (p *plot) dot(class string, x, y float64, title string) {
	p.Dots = append(p.Dots, dot{unit(p.x.at(x)), unit(p.y.at(y)), class, title})
}

func unit(v float64) string { return fmt.Sprintf("%.1f", v) }
