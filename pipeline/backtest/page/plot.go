package page

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// frame is the size of a drawing and its margins for the scales, in user units.
type frame struct{ width, height, left, right, top, bottom float64 }

// plotFrame is that of a plot with titled axes, smallFrame of one of four in a
// row, sparkFrame of a curve without words.
func plotFrame() frame  { return frame{400, 260, 62, 14, 14, 50} }
func smallFrame() frame { return frame{290, 200, 60, 14, 12, 48} }
func sparkFrame() frame { return frame{220, 64, 4, 6, 4, 6} }

// plot is a drawing as the template wants it: everything is in user units.
type plot struct {
	Title, Caption string
	Nothing        string // said instead of a drawing where there is nothing to draw
	Width, Height  float64
	Ticks          []text
	Lines          []line
	Curves         []curve
	Bars           []bar
	Dots           []dot
	Legend         []entry

	frame frame
	x, y  scale
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
		Class  string
		Turn   string // an SVG transform, or empty
		Text   string
	}
	line  struct{ Class, X1, Y1, X2, Y2 string }
	curve struct{ Class, Points string }
	bar   struct{ Class, X, Y, Width, Height, Title string }
	dot   struct{ X, Y, Class, Title string }
	entry struct{ Class, Text string }
)

// newPlot draws an empty plot over the ranges of its values.
func newPlot(f frame, xLow, xHigh, yLow, yHigh float64) plot {
	p := plot{
		Width: f.width, Height: f.height, frame: f,
		x: scale{xLow, xHigh, f.left, f.width - f.right},
		y: scale{yLow, yHigh, f.height - f.bottom, f.top},
	}
	p.line("axis", xLow, yLow, xHigh, yLow)

	return p
}

// titled writes what the axes are.
func (p *plot) titled(x, y string) {
	f := p.frame
	middle := (f.top + f.height - f.bottom) / 2
	p.Ticks = append(p.Ticks,
		text{X: unit((f.left + f.width - f.right) / 2), Y: unit(f.height - 10), Anchor: "middle", Class: "title", Text: x},
		text{X: unit(14), Y: unit(middle), Anchor: "middle", Class: "title", Turn: fmt.Sprintf("rotate(-90 14 %s)", unit(middle)), Text: y})
}

// xTick writes a value below the horizontal axis.
func (p *plot) xTick(v float64, label string) {
	x, anchor := p.x.at(v), "middle"
	if wide := 3 * float64(len(label)); x+wide > p.Width-2 {
		x, anchor = p.Width-2, "end"
	}
	p.Ticks = append(p.Ticks, text{X: unit(x), Y: unit(p.frame.height - p.frame.bottom + 17), Anchor: anchor, Text: label})
}

// yTick writes a value beside the vertical axis, with a line across.
func (p *plot) yTick(v float64, label string) {
	p.Ticks = append(p.Ticks, text{X: unit(p.frame.left - 6), Y: unit(p.y.at(v) + 4), Anchor: "end", Text: label})
	if v > p.y.low {
		p.line("grid", p.x.low, v, p.x.high, v)
	}
}

// shares writes 0 to 100 % on an axis that goes from 0 to 1.
func shares(tick func(v float64, label string)) {
	for i := range 5 {
		tick(float64(i)/4, fmt.Sprintf("%d %%", 25*i))
	}
}

// round writes values of few digits on an axis from 0, at most six of them.
func round(high, least float64, tick func(v float64, label string)) {
	if !(high > 0) {
		tick(0, "0")

		return
	}
	step := max(math.Pow(10, math.Floor(math.Log10(high))), least)
	for _, by := range []float64{0.1, 0.2, 0.5, 1, 2} {
		if finer := step * by; finer >= least && high/finer <= 5 {
			step = finer

			break
		}
	}
	for i := 0; float64(i)*step <= high*1.001; i++ {
		tick(float64(i)*step, fmt.Sprintf("%.4g", float64(i)*step))
	}
}

// dates writes the times at both ends, and in the middle where there is room.
func (p *plot) dates() {
	parts := []float64{0, 0.5, 1}
	if p.Width < plotFrame().width {
		parts = []float64{0, 1}
	}
	layout := dateLayout
	if p.x.high-p.x.low < 4*dayMS {
		layout = "2 Jan 15:04"
	}
	for _, part := range parts {
		at := p.x.low + part*(p.x.high-p.x.low)
		p.xTick(at, time.UnixMilli(int64(at)).UTC().Format(layout))
		if p.x.high == p.x.low {
			break
		}
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
	if points.Len() > 0 {
		p.Curves = append(p.Curves, curve{class, strings.TrimSpace(points.String())})
	}
}

// bar goes from one value of the vertical axis up to another.
func (p *plot) bar(class string, x1, x2, y1, y2 float64, title string) {
	if !(y2 > y1) {
		return
	}
	above := p.y.at(y2)
	p.Bars = append(p.Bars, bar{class, unit(p.x.at(x1)), unit(above), unit(max(p.x.at(x2)-p.x.at(x1)-1, 0.5)), unit(p.y.at(y1) - above), title})
}

func (p *plot) dot(class string, x, y float64, title string) {
	p.Dots = append(p.Dots, dot{unit(p.x.at(x)), unit(p.y.at(y)), class, title})
}

// mark draws a line through the plot, with a word beside it.
func (p *plot) mark(x float64, word string) {
	p.line("threshold", x, p.y.low, x, p.y.high)
	anchor, by := "start", 4.0
	if p.x.at(x) > (p.frame.left+p.Width-p.frame.right)/2 {
		anchor, by = "end", -4
	}
	p.Ticks = append(p.Ticks, text{X: unit(p.x.at(x) + by), Y: unit(p.frame.top + 8), Anchor: anchor, Class: "mark", Text: word})
}

func unit(v float64) string { return fmt.Sprintf("%.1f", v) }
