package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"ebb/pipeline/backtest"
	"ebb/pipeline/churn"
)

const begins = int64(1_767_225_600_000) // 2026-01-01

// report is one with everything in it, and a customer who means harm.
func report() *backtest.Report {
	const horizon = 10 * dayMS
	r := &backtest.Report{
		Log:     backtest.LogSummary{Source: "shop & sons.csv", Customers: 12, First: begins, Last: begins + 100*dayMS},
		Horizon: horizon,
		Churn:   churn.Defaults(),
		AUC:     0.75, PRAUC: 0.5, TopDecile: 2, Brier: 0.2, ECE: 0.05, ObservedOver: 1.1,
		Times: 2, Rows: 20, BaseRate: 0.25,
		Baselines: map[string]backtest.Number{"recency": 0.6, "decayed_count": 0.7, "recency_over_gap": 0.5, "bgnbd_p0": 0.71, "gamma_poisson_p0": 0.69},
		Gains:     []backtest.Number{0.4, 0.8, 1},
		Leads:     []float64{0, 2, 2.1, 10},
		Told:      []backtest.Told{{At: begins + 40*dayMS, After: 3, Lost: true}, {At: begins + 90*dayMS, After: 40}},
		Portraits: []backtest.Portrait{{
			Customer: `<script>alert("x")</script>`,
			Lost:     true,
			Events:   []int64{begins, begins + 3*dayMS},
			At:       []int64{begins, begins + 50*dayMS, begins + 100*dayMS},
			Risk:     []float64{0, 0.5, 1},
			Changes: []churn.Change{
				{From: churn.Healthy, To: churn.Cooling, At: begins + 20*dayMS, Score: 5000, Raised: true},
				{From: churn.Cooling, To: churn.Healthy, At: begins + 30*dayMS, Score: 1000},
			},
		}},
	}
	r.Intervals.AUC = backtest.Interval{0.7, 0.8}
	r.LaterHalf = backtest.LaterHalf{Times: 2, AUC: 0.77, Interval: backtest.Interval{0.71, 0.83}, Baselines: map[string]backtest.Number{"bgnbd_p0": 0.72}}
	r.Cold = backtest.Cold{Times: 4, Rows: 9, Detector: backtest.ColdScores{AUC: 0.66, Brier: 0.21}, ClosedForm: backtest.ColdScores{AUC: 0.61, Brier: 0.26}}
	r.Signals = backtest.Signals{
		Raised: 250, Precision: 0.72, Promised: 0.7, Losses: 300, RecallInTime: 0.41, DaysAfter: 3, PerDay: 2.5, ShareSignalled: 0.2, Threshold: 0.6,
		Money: []backtest.Money{{Currency: "EUR", Signals: 250, Value: 12_345, AtRisk: 9000, Lost: 8000}},
	}
	r.RuleSilentFor = backtest.SilentFor{Days: 6, Raised: 249, Precision: 0.5, RecallInTime: 0}
	r.AtEnd = backtest.AtEnd{
		At: begins + 100*dayMS, AtRisk: 40, Active: 31, Money: []backtest.Money{{Currency: "EUR", AtRisk: 777}},
		Customers: []backtest.Named{
			{Customer: r.Portraits[0].Customer, Risk: 0.81, Value: 200, ValueAtRisk: 162, Currency: "EUR", Last: begins + 91*dayMS, Reasons: []string{"<b>complained</b>", "second"}, Portrait: r.Portraits[0]},
			{Customer: "poor", Risk: 0.9, Last: begins + 95*dayMS, Portrait: backtest.Portrait{Customer: "poor"}},
		},
	}
	r.Thresholds = []backtest.ThresholdSignals{{AtRiskAt: 0.775, Signals: backtest.Signals{Raised: 31, Precision: 0.76, RecallInTime: 0.4}}}
	r.Curve = []backtest.CurvePoint{
		{AtRiskAt: 0.3, Raised: 500, ShareSignalled: 1.25, Precision: 0.61, RecallInTime: 0.9, DaysAfter: 2, LeadTimeMedian: 8, SilentFor: backtest.SilentFor{Days: 4, Precision: 0.45, RecallInTime: 1}, Random: backtest.Random{Precision: 0.2, RecallInTime: 0.5}},
		{AtRiskAt: 0.6, Chosen: true, Raised: 250, ShareSignalled: 0.2, Precision: 0.72, RecallInTime: 0.41, DaysAfter: 3, LeadTimeMedian: 7, SilentFor: r.RuleSilentFor, Random: backtest.Random{Precision: 0.2, RecallInTime: 0.1}},
		{AtRiskAt: 0.9, Precision: backtest.Number(math.NaN()), DaysAfter: backtest.Number(math.NaN()), LeadTimeMedian: backtest.Number(math.NaN())},
	}
	for i := range 2 {
		r.Reliability = append(r.Reliability, backtest.Bin{Rows: 10, Score: backtest.Number(0.8 - 0.5*float64(i)), Observed: 0.4})
		time := backtest.Time{At: begins + int64(i+1)*40*dayMS, Baselines: r.Baselines}
		time.AUC = backtest.Number(0.7 + 0.1*float64(i))
		r.ByTime = append(r.ByTime, time)
	}

	return r
}

func write(t *testing.T, r *backtest.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}

	return b.String()
}

func TestPageSaysTheFigures(t *testing.T) {
	page := write(t, report())
	for _, want := range []string{
		"Backtest of shop &amp; sons.csv: 12 customers, 1 Jan 2026 to 11 Apr 2026. Lost is who does not come back within 10 days.",
		"<h1>Of 100 customers we would have told you about, 72 did not come back within 10 days; 41 of 100 losses were told in time.",
		"<b>72 of 100</b>", "promised: 70 of 100; by silence alone: 50 of 100", "<b>41 of 100</b>", "by silence alone: 0 of 100",
		"<b>3 a day</b>", "20 for every 100 active customers in 10 days", "<b>EUR 8,000</b>", "of EUR 12,300 from all told of",
		"whoever is silent for 6 days would have been right for 50 of 100",
		"Whom it would name on 11 Apr 2026", "31 customers are at risk, and with them EUR 777 of what they would bring in the next 10 days. The first 2, most at risk first:",
		"EUR 162 at risk", "risk 81 %, silent for 9 days", "&lt;b&gt;complained&lt;/b&gt;", "<b>poor</b><span>risk 90 %</span><small>silent for 5 days</small>",
		"from 2 Mar 2026 to 11 Apr 2026", "&lt;script&gt;alert",
		"How soon would you be told?", ">days since the last visit<", ">in time<", "Does a risk of 70 % mean 70 of 100?", ">risk that was said<",
		"recency / own mean gap", "21 Jan 2026: healthy to cooling, risk 0.50", "2 actions; silent through the last 10 days.",
		"0.750", "0.700 to 0.800", "25.0 %", "At 0.775", "76.0 %", "precision of 31 raised; in time 40.0 %",
		"AUC, later half", "0.770", "0.710 to 0.830", "mean of the last 2 evaluation times", "BG/NBD P(none) 0.720",
		"What would another threshold give?", ">risk from which on you are told<", "right by silence", "right by chance", "from a risk of 30 % on: 61 % right",
		"From 60 % on, as it was", "right of 500 raised, 1.250 for an active customer in a horizon", "by chance right 20.0 %, in time 50.0 %",
		"AUC, cold", "0.660", "Brier 0.210; by rates alone AUC 0.610, Brier 0.260",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// The page loads nothing and runs nothing.
func TestPageStandsAlone(t *testing.T) {
	page := write(t, report())
	for _, never := range []string{"<script", "http:", "https:", "<link", "<img", "@import", "url(", "onload", "NaN", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if !strings.Contains(page, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
		t.Error("the page has no policy")
	}
}

// Every curve and every word of a legend has a colour of its own.
func TestCurvesHaveColours(t *testing.T) {
	page := write(t, report())
	for i := range len(backtest.Baselines()) + 1 {
		for _, want := range []string{fmt.Sprintf("polyline.c%d {", i), fmt.Sprintf(".legend .c%d {", i), fmt.Sprintf("--c%d: #", i)} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	}
}

// What a manager reads stands first, and the statistics are folded away behind
// all else.
func TestPageBeginsWithWhatMatters(t *testing.T) {
	page := write(t, report())
	at := -1
	for _, next := range []string{"<h1>", `class="tiles"`, "silent for 6 days", "Whom it would name", `class="cards"`, "How well it would have worked", `class="plots"`, "drawn by chance", "<details>", "Top-decile lift"} {
		found := strings.Index(page, next)
		if found <= at {
			t.Fatalf("%q is at %d, not after what comes before it at %d", next, found, at)
		}
		at = found
	}
}

// Every drawing is well-formed, all of it lies inside of its frame, and the axes
// of every plot have titles.
func TestPlotsAreDrawnInside(t *testing.T) {
	r := report()
	r.Thresholds = append(r.Thresholds, backtest.ThresholdSignals{AtRiskAt: 0.3, Signals: backtest.Signals{Precision: backtest.Number(math.NaN()), RecallInTime: 1}})
	page := write(t, r)
	drawings, titles := 0, 0
	for rest := page; ; {
		_, after, found := strings.Cut(rest, "<svg")
		if !found {
			break
		}
		drawing, behind, _ := strings.Cut(after, "</svg>")
		rest = behind
		drawings++
		titles += strings.Count(drawing, `<text class="title"`)
		inside(t, "<svg"+drawing+"</svg>")
	}
	if drawings != 2+7+1 || titles != 2*(7+1) || strings.Contains(page, "NaN") {
		t.Errorf("%d drawings with %d titles, want two curves of customers, seven plots and a portrait", drawings, titles)
	}
}

func inside(t *testing.T, drawing string) {
	t.Helper()
	var width, height float64
	if _, err := fmt.Sscanf(drawing, "<svg viewBox=\"0 0 %g %g\"", &width, &height); err != nil {
		t.Fatalf("%v in %s", err, drawing)
	}
	limits := map[string]float64{"x": width, "x1": width, "x2": width, "cx": width, "y": height, "y1": height, "y2": height, "cy": height, "width": width, "height": height}
	decoder := xml.NewDecoder(strings.NewReader(drawing))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawing)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, attribute := range element.Attr {
			if limit, known := limits[attribute.Name.Local]; known {
				var v float64
				if _, err := fmt.Sscan(attribute.Value, &v); err != nil || v < 0 || v > limit {
					t.Errorf("<%s %s=%q> is outside of %v", element.Name.Local, attribute.Name.Local, attribute.Value, limit)
				}
			}
			if attribute.Name.Local == "points" && strings.Contains(attribute.Value, "-") {
				t.Errorf("points %s are outside", attribute.Value)
			}
		}
	}
}

// A log that has nothing to show is a page, too, which says so.
func TestPageOfLittle(t *testing.T) {
	r := report()
	nan := backtest.Number(math.NaN())
	r.ByTime, r.Leads, r.Told, r.Portraits, r.Reliability, r.Gains = r.ByTime[:1], nil, nil, nil, nil, []backtest.Number{nan, nan}
	r.Curve = r.Curve[2:]
	r.Signals = backtest.Signals{Precision: nan, Promised: nan, RecallInTime: nan, ShareSignalled: nan, DaysAfter: nan}
	r.RuleSilentFor = backtest.SilentFor{Days: nan, Precision: nan, RecallInTime: nan}
	r.AtEnd = backtest.AtEnd{At: r.Log.Last, AtRisk: 1, Customers: []backtest.Named{}}
	page := write(t, r)
	for _, want := range []string{
		"<h1>Nobody stayed away for 10 days, and we would have told you of nobody",
		"Nobody is at risk at the end of the file who was there in the last 10 days. 1 customer has been silent for longer",
		"Nothing to draw: Nobody would have been told of.", "Nothing to draw: Nobody would have been told of, from whatever risk on.", "Nothing to draw: Nobody was lost.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, never := range []string{"NaN", "drawn by chance", `<ul class="tiles"`, `<ol class="cards"`, "Inf"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
}

// A file of an hour has hours and minutes, not days.
func TestPageOfAnHour(t *testing.T) {
	r := report()
	r.Log.Last = begins + 3_600_000
	r.Horizon = 300_000
	r.AtEnd.At = r.Log.Last
	page := write(t, r)
	for _, want := range []string{"1 Jan 2026, 00:00 to 1 Jan 2026, 01:00", "Whom it would name on 1 Jan 2026, 01:00", "risk from 1 Jan 2026, 00:40 to 1 Jan 2026, 01:00", "minutes since the last visit"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// Light and dark, narrow, and on paper, where what is folded is shown.
func TestPageIsForEveryReader(t *testing.T) {
	page := write(t, report())
	for _, want := range []string{"@media screen and (prefers-color-scheme: dark)", "@media print", "details::details-content", "width=device-width", "max-width: 700px"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteTellsThatItFailed(t *testing.T) {
	if err := Write(broken{}, report()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v", err)
	}
}
