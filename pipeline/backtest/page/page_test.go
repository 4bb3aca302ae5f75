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
	r.Signals.Precision = backtest.Number(math.NaN())
	r.Thresholds = []backtest.ThresholdSignals{{AtRiskAt: 0.775, Signals: backtest.Signals{Raised: 31, Precision: 0.76, RecallInTime: 0.4}}}
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
		"How good is it on shop &amp; sons.csv?", "0.750", "0.700 to 0.800", "25.0 %", "At 0.775", "76.0 %", "precision of 31 raised; in time 40.0 %", "2026-01-01", "10 days",
		"&lt;script&gt;alert", "Reliability", "Lift", "Lead time", "AUC over time", "recency / own mean gap",
		"2026-01-21: healthy to cooling, risk 0.50", "silent through the last horizon",
		`<td>Precision</td><td class="number">–</td>`,
		"AUC, later half", "0.770", "0.710 to 0.830", "mean of the last 2 evaluation times", "BG/NBD P(none) 0.720",
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

// Every drawing is well-formed, and all of it lies inside of its frame.
func TestPlotsAreDrawnInside(t *testing.T) {
	page := write(t, report())
	drawings := 0
	for rest := page; ; {
		_, after, found := strings.Cut(rest, "<svg")
		if !found {
			break
		}
		drawing, behind, _ := strings.Cut(after, "</svg>")
		rest = behind
		drawings++
		inside(t, "<svg"+drawing+"</svg>")
	}
	if drawings != 5 {
		t.Errorf("%d drawings, want 5", drawings)
	}
}

func inside(t *testing.T, drawing string) {
	t.Helper()
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

// One evaluation time, and nothing to draw otherwise, is a page, too.
func TestPageOfLittle(t *testing.T) {
	r := report()
	r.ByTime, r.Leads, r.Portraits, r.Reliability, r.Gains = r.ByTime[:1], nil, nil, nil, nil
	if page := write(t, r); strings.Contains(page, "NaN") || strings.Contains(page, "Risk of a few customers") {
		t.Error(page)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteTellsThatItFailed(t *testing.T) {
	if err := Write(broken{}, report()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v", err)
	}
}
