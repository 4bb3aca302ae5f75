package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"ebb/cmd/ebb/term"
)

// Print shows it to people, in 80 columns.
func (r *Report) Print(to io.Writer) error {
	w := &term.Writer{To: to}
	if r.AsOf == nil || r.AsOf.UnixMilli() == 0 {
		w.Line("%s", term.Wrapped("No 28 days have ended yet by the stream's clock, which stands at "+term.TimeText(r.Clock)+"; what there is since:", ""))
	} else {
		w.Line("The 28 days up to %s, against those before", r.AsOf.Format("2006-01-02"))
	}
	r.printCustomers(w)
	r.printOrders(w)
	r.printSurveys(w)
	r.printRisk(w)
	r.printCampaigns(w)
	r.printTargets(w)
	r.printWaiting(w)

	return w.Err
}

// section begins one, after an empty line.
func section(w *term.Writer, title string) {
	w.Line("")
	w.Line("%s", title)
}

// row is a figure with what it was.
func (r *Report) row(w *term.Writer, label string, f *Figure, unit string) {
	if f == nil {
		return
	}
	text := "too few cases to say"
	if f.Value != nil {
		text = number(*f.Value, unit)
		if f.Before != nil {
			text += ", " + change(*f.Value, *f.Before, unit)
		}
	}
	w.Line("%s", term.Wrapped(fmt.Sprintf("  %-22s %s", label, text), "    "))
}

func (r *Report) printCustomers(w *term.Writer) {
	section(w, "Customers")
	r.row(w, "active", r.figure("total", "customers"), "")
	r.row(w, "interactions", r.figure("total", "events"), "")
	r.row(w, "active share", r.figure("kind", "active_share"), "share")
	r.row(w, "engagement index", r.figure("engagement_index", "engagement_index"), "points")
	r.row(w, "mean sentiment", r.figure("sentiment", "mean_sentiment"), "points")
}

func (r *Report) printOrders(w *term.Writer) {
	section(w, "Orders")
	if len(r.Orders) == 0 {
		w.Line("  none: order.completed with a value and its currency feeds them")
	}
	for _, o := range r.Orders {
		text := fmt.Sprintf("%s orders, %s", grouped(float64(o.Orders)), money(o.Value, o.Currency))
		if o.Orders > 0 {
			text += fmt.Sprintf(", %s each", money(o.Value/float64(o.Orders), ""))
		}
		if o.Returns > 0 {
			text += fmt.Sprintf("; %s given back, %s", grouped(float64(o.Returns)), money(o.Returned, ""))
		}
		w.Line("%s", term.Wrapped("  "+text, "    "))
	}
}

func (r *Report) printSurveys(w *term.Writer) {
	section(w, "Surveys")
	for _, s := range []struct{ label, metric, figure, unit string }{
		{"NPS", "nps", "nps", "points"}, {"satisfied (CSAT)", "csat", "csat", "share"}, {"easy (CES, 1 to 7)", "ces", "ces", "points"},
	} {
		f := r.figure(s.metric, s.figure)
		if f == nil {
			w.Line("%s", term.Wrapped(fmt.Sprintf("  %-22s no answers: survey.answered with a score and properties.survey %s", s.label, s.metric), "    "))

			continue
		}
		r.row(w, s.label, f, s.unit)
	}
}

func (r *Report) printRisk(w *term.Writer) {
	section(w, "Now at risk of leaving")
	l := r.Levels
	w.Line("%s", term.Wrapped(fmt.Sprintf("  %s at risk, %s cooling, %s healthy, %s lapsed",
		grouped(float64(l.AtRisk)), grouped(float64(l.Cooling)), grouped(float64(l.Healthy)), grouped(float64(l.Lapsed))), "    "))
	for _, s := range r.AtStake {
		if s.Value > 0 {
			w.Line("%s", term.Wrapped(fmt.Sprintf("  %s of them bring %s in a horizon, of which %s are at risk",
				grouped(float64(s.Customers)), money(s.Value, s.Currency), money(s.ValueAtRisk, "")), "    "))
		}
	}
	for i, why := range r.Why {
		if i == 3 {
			break
		}
		w.Line("%s", term.Wrapped(fmt.Sprintf("  why: %s of %s, such as \"%s\"", grouped(float64(why.Customers)), grouped(float64(l.AtRisk)), term.Plain(why.Example)), "    "))
	}
}

func (r *Report) printCampaigns(w *term.Writer) {
	section(w, "Campaigns by clicks of people")
	n := len(r.Campaigns)
	if n == 0 {
		w.Line("%s", term.Wrapped(fmt.Sprintf("  none with %d messages delivered: message.delivered and email.clicked with message and campaign feed them", leastDelivered), "    "))
	}
	const shown = 2
	for i, c := range r.Campaigns {
		if i >= shown && i < n-shown {
			continue
		}
		w.Line("  %-30s %5.1f%% of %s delivered; %.0f%% opened", term.Shortened(term.Plain(c.Campaign), 30), 100*c.ClickRate, grouped(float64(c.Delivered)), 100*c.OpenRate)
		if i == shown-1 && n > 2*shown {
			w.Line("  … %d others …", n-2*shown)
		}
	}
}

func (r *Report) printTargets(w *term.Writer) {
	var lines []string
	names := titles()
	for i := range r.Figures {
		f := &r.Figures[i]
		if f.Target == nil && f.Industry == nil {
			continue
		}
		h := names[[2]string{f.Metric, f.Figure}]
		label := f.Metric + "." + f.Figure
		if h.Title != "" {
			label = h.Title
		}
		if f.Segment != "" {
			label += ", " + f.Segment
		}
		text := label + ": too few cases to say"
		if f.Value != nil {
			text = label + ": " + number(*f.Value, h.Unit)
		}
		if f.Target != nil {
			text += "; target " + number(*f.Target, h.Unit)
			if f.Met != nil {
				text += map[bool]string{true: ", met", false: ", not met"}[*f.Met]
			}
		}
		if f.Industry != nil {
			text += fmt.Sprintf("; others %s (%s)", number(*f.Industry, h.Unit), term.Plain(f.Source))
		}
		lines = append(lines, text)
	}
	section(w, "Targets, and others")
	if len(lines) == 0 {
		w.Line("  none: set benchmarks.targets or benchmarks.file, or `ebb benchmark load FILE`")
	}
	for _, line := range lines {
		w.Line("%s", term.Wrapped("  "+line, "    "))
	}
}

func (r *Report) printWaiting(w *term.Writer) {
	if len(r.Waiting) == 0 {
		return
	}
	section(w, "Not fed in the last 28 days")
	const shown = 8
	for i, m := range r.Waiting {
		if i == shown {
			w.Line("  … and %d others; `ebb metrics` lists them", len(r.Waiting)-shown)

			break
		}
		w.Line("%s", term.Wrapped(fmt.Sprintf("  %s waits for %s", m.Metric, m.For), "    "))
	}
}

// number is a figure in its unit.
func number(v float64, unit string) string {
	switch {
	case unit == "share":
		return fmt.Sprintf("%.1f%%", 100*v)
	case unit == "points" || math.Abs(v) < 100 && v != math.Trunc(v):
		return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	}

	return grouped(v)
}

// change says how a figure moved: shares and scores by how much, counts in percent.
func change(v, before float64, unit string) string {
	switch {
	case unit == "share":
		return fmt.Sprintf("%+.1f points", 100*(v-before))
	case unit == "points":
		return fmt.Sprintf("%+.2f", v-before)
	case before == 0:
		return "none before"
	}

	return fmt.Sprintf("%+.0f%%", 100*(v/before-1))
}

// money is an amount with its currency.
func money(v float64, currency string) string {
	text := grouped(v)
	if math.Abs(v) < 1000 {
		text = fmt.Sprintf("%.2f", v)
	}
	if currency != "" {
		text += " " + currency
	}

	return text
}

// grouped is a whole number with blanks between thousands.
func grouped(v float64) string {
	digits := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}

	return sign + strings.Join(append([]string{digits}, parts...), " ")
}
