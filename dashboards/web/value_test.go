package web

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"ebb/dashboards"
)

func TestNumber(t *testing.T) {
	none := 0.
	for _, test := range []struct {
		v        float64
		unit     string
		decimals *float64
		want     string
	}{
		{math.NaN(), "short", nil, "–"}, {math.Inf(1), "short", nil, "–"}, {0, "short", nil, "0"}, {3.14159, "short", nil, "3.14"},
		{-1, "short", nil, "-1"}, {9_999, "short", nil, "9999"}, {12_345, "short", nil, "12.3 K"}, {1_234_567, "short", &none, "1.2 M"},
		{4e18, "short", nil, "4000000 T"}, {.1234, "percentunit", nil, "12.3 %"}, {.1234, "percentunit", &none, "12 %"}, {1, "percentunit", nil, "100 %"},
		{90, "s", nil, "90 s"}, {7_200, "s", nil, "2 h"}, {200_000, "s", nil, "2.3 d"}, {1_500, "ms", nil, "1.5 s"}, {2.25, "d", nil, "2.2 d"},
		{2048, "bytes", nil, "2 KiB"},
	} {
		if got := number(test.v, test.unit, test.decimals); got != test.want {
			t.Errorf("%v %s: %q, want %q", test.v, test.unit, got, test.want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1h": time.Hour, "30d": 720 * time.Hour, "0d": 0, "-1d": 0, "d": 0, "": 0, "400d": 0, "9999999999999h": 0, "1w": 0, "1.5h": 0, "106751992d": 0,
	} {
		got, ok := parseSpan(text)
		if got != want || ok != (want > 0) {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
}

// Between two points a line goes straight, or in steps; beyond them there is none.
func TestPointsOnAGrid(t *testing.T) {
	begin := time.Unix(1_000, 0)
	at := func(seconds ...int) (out []time.Time) {
		for _, s := range seconds {
			out = append(out, begin.Add(time.Duration(s)*time.Second))
		}

		return out
	}
	nan := math.NaN()
	stairs := series{times: at(0, 30, 40), values: []float64{1, 4, 2}, look: look{steps: true}}
	if got := stairs.onGrid(begin, 10*time.Second, 5); !slices.Equal(got, []float64{1, 1, 1, 4, 2}) {
		t.Errorf("in steps: %v", got)
	}
	for name, test := range map[string]struct {
		times  []time.Time
		values []float64
		want   []float64
	}{
		"straight":        {at(0, 40), []float64{0, 4}, []float64{0, 1, 2, 3, 4, nan}},
		"begins later":    {at(20, 30), []float64{5, 6}, []float64{nan, nan, 5, 6, nan, nan}},
		"over a gap":      {at(0, 10, 20), []float64{1, nan, 3}, []float64{1, 2, 3, nan, nan, nan}},
		"beside the grid": {at(5, 15), []float64{1, 3}, []float64{nan, 2, 3, nan, nan, nan}},
		"one point":       {at(12), []float64{7}, []float64{nan, nan, 7, nan, nan, nan}},
		"nothing":         {nil, nil, []float64{nan, nan, nan, nan, nan, nan}},
		"nothing known":   {at(0, 10), []float64{nan, nan}, []float64{nan, nan, nan, nan, nan, nan}},
	} {
		s := series{times: test.times, values: test.values}
		got := s.onGrid(begin, 10*time.Second, 6)
		if !slices.EqualFunc(got, test.want, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// How a figure compares stands beside it, in the words of the query, and so does what
// there is nothing before.
func TestChangeOfAFigure(t *testing.T) {
	at := []time.Time{time.Unix(0, 0), time.Unix(60, 0)}
	f := &frame{rows: 2, columns: []column{
		{name: "time", times: at}, {name: "currency", texts: []string{"EUR", "EUR"}}, {name: "value", numbers: []float64{1, 2}},
		{name: dashboards.Compared, texts: []string{"+100 %", "+100 %"}},
	}}
	var p panel
	p.Options.ChangeColor = "inverted"
	p.Targets = append(p.Targets, struct {
		SQL    string `json:"rawSql"`
		Format int    `json:"format"`
	}{})
	figures, err := p.figures(f, canvas{})
	if err != nil || len(figures) != 1 || figures[0].Name != "EUR" || figures[0].Change != "+100 %" || figures[0].Good != "bad" {
		t.Errorf("%+v, %v", figures, err)
	}
	for _, test := range []struct{ change, mode, good string }{
		{"+50 %", "standard", "good"}, {"+50 %", "inverted", "bad"}, {"-25 %", "inverted", "good"},
		{"+10 %", "same_as_value", ""}, {"nothing before", "standard", ""}, {"", "standard", ""},
	} {
		if good := newsOf(test.change, test.mode); good != test.good {
			t.Errorf("%s %s: %q, want %q", test.change, test.mode, good, test.good)
		}
	}
}

// A column looks as the panel says, and as what overrides it by name or pattern.
func TestLookOfAColumn(t *testing.T) {
	var p panel
	if err := json.Unmarshal([]byte(`{"fieldConfig":{"defaults":{"unit":"short","color":{"mode":"fixed","fixedColor":"#111111"}},"overrides":[
		{"matcher":{"id":"byName","options":"events web"},"properties":[{"id":"color","value":{"mode":"fixed","fixedColor":"#0072B2"}}]},
		{"matcher":{"id":"byRegexp","options":"^events "},"properties":[{"id":"displayName","value":"${__field.labels.channel}"}]},
		{"matcher":{"id":"byRegexp","options":"("},"properties":[{"id":"unit","value":"s"}]},
		{"matcher":{"id":"byName","options":"level"},"properties":[{"id":"mappings","value":[{"type":"value","options":{"at_risk":{"color":"#E69F00","text":"at risk"}}}]},{"id":"custom.width","value":75},{"id":"decimals","value":"none"}]}
	]}}`), &p); err != nil {
		t.Fatal(err)
	}
	if l := p.lookOf("events", "web"); l.name != "web" || l.color != "#0072B2" || l.unit != "short" {
		t.Errorf("%+v", l)
	}
	p.FieldConfig.Overrides[1].Properties[0].Value = []byte(`"${__field.labels.channel} ${__field.labels.compared}"`)
	if l := p.lookOf("events", "web"); l.name != "web" {
		t.Errorf("%+v", l)
	}
	if l := p.lookOf("events", "$1"); l.name != "$1" || l.color != "#111111" {
		t.Errorf("%+v", l)
	}
	if l := p.lookOf("level", ""); l.words["at_risk"].Text != "at risk" || l.width != 75 || l.decimals != nil {
		t.Errorf("%+v", l)
	}
}

func TestLinkTo(t *testing.T) {
	got := linkTo("/d/ebb-customer?var-customer=${__value.raw}&${__url_time_range}", `a&b="c"`, url.Values{"last": {"7d"}, "var-level": {"x"}})
	if want := "/d/ebb-customer?last=7d&var-customer=a%26b%3D%22c%22"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Only who asks this machine by its own names is answered.
func TestOwnNames(t *testing.T) {
	handler := ownNames(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{
		"127.0.0.1:8095": 200, "localhost": 200, "[::1]:8095": 200, "evil.example": 403, "127.0.0.1.evil.example:8095": 403, "10.0.0.1": 403, "": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
	}
}

// What is known no more has no number, as what never was.
func TestNewestFigure(t *testing.T) {
	for _, test := range []struct {
		values []float64
		known  bool // at all
		last   float64
	}{{nil, false, math.NaN()}, {[]float64{math.NaN()}, false, math.NaN()}, {[]float64{4, math.NaN()}, true, math.NaN()}, {[]float64{math.NaN(), 4}, true, 4}} {
		s := series{values: test.values}
		if got := s.last(); got != test.last && !(math.IsNaN(got) && math.IsNaN(test.last)) || s.known() != test.known {
			t.Errorf("%v: %v, known %v", test.values, got, s.known())
		}
	}
}

// Bars that lie on each other are all there, however many rows there are.
func TestStackedBars(t *testing.T) {
	f := &frame{rows: 16, columns: []column{{name: "name"}, {name: "passive"}, {name: "active"}, {name: "micro"}}}
	for range f.rows {
		f.columns[0].texts = append(f.columns[0].texts, "web")
		f.columns[1].numbers = append(f.columns[1].numbers, 10)
		f.columns[2].numbers = append(f.columns[2].numbers, 20)
		f.columns[3].numbers = append(f.columns[3].numbers, 5)
	}
	p := panel{Type: "barchart", Options: options{XField: "name", Orientation: "horizontal", Stacking: "normal"}}
	picture, err := p.categories(f, canvas{width: 592, height: 224})
	if err != nil {
		t.Fatal(err)
	}
	bars := regexp.MustCompile(`<path d="M (\d+) (\d+)\s+L (\d+) (\d+)\s+L (\d+) (\d+)[^"]*" style="stroke:none;fill:rgb\(0,114,178\)"`).FindAllStringSubmatch(string(picture), -1)
	if len(bars) < f.rows {
		t.Errorf("%d bars of %d:\n%s", len(bars), f.rows, picture)
	}
	for _, bar := range bars {
		if bar[2] == bar[6] {
			t.Fatalf("a bar without a height: %s", bar[0])
		}
	}
}

// Names stand beside the picture where there are several, and take of its height.
func TestLegendTakesItsRoom(t *testing.T) {
	c := canvas{width: 592, height: 224}
	if names := legendOf([]series{{name: "one"}, {color: "#999999"}}); names != nil || c.below(names).height != c.height {
		t.Errorf("one series has the legend %v", names)
	}
	var many []series
	for range 15 {
		many = append(many, series{name: "whatsapp", color: "#0072b2"})
	}
	names := legendOf(many)
	if got := c.below(names); len(names) != 15 || names[0].Color != "#0072b2" || got.height != c.height-2*16 || got.width != c.width {
		t.Errorf("%d names leave %+v", len(names), got)
	}
	if got := c.below(legendOf(slices.Repeat(many, 9))); got.height != c.height-3*16 {
		t.Errorf("very many names leave %+v", got)
	}
}

// What lines are held against is drawn with them.
func TestLinesAreDrawnWithWhatTheyAreHeldAgainst(t *testing.T) {
	r := dashboards.Range{From: time.Unix(0, 0), To: time.Unix(2400, 0)}
	one := series{name: "active", color: "#0072b2", times: []time.Time{r.From, r.To}, values: []float64{0.4, 0.8}}
	level := 0.5
	var p panel
	p.FieldConfig.Defaults.Thresholds.Steps = []threshold{{Color: "transparent"}, {Value: &level, Color: "#999999"}}
	for style, want := range map[string]bool{"": false, "dashed": true} {
		p.FieldConfig.Defaults.Custom.ThresholdsStyle.Mode = style
		picture, err := p.lines([]series{one}, canvas{width: 400, height: 200, r: r})
		if drawn := regexp.MustCompile(`stroke:rgb\(153,153,153\)`).MatchString(string(picture)); err != nil || drawn != want {
			t.Errorf("style %q: drawn %t, %v", style, drawn, err)
		}
	}
}

// A column of days shows days.
func TestColumnsOfDays(t *testing.T) {
	midnight := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	for want, times := range map[string][]time.Time{
		"2026-03-04":       {midnight, midnight.AddDate(0, 0, 1)},
		"2026-03-04 00:00": {midnight, midnight.Add(time.Minute)},
	} {
		c := column{times: times}
		if cell := c.cell(0, &look{}, midnight, nil); cell.Text != want || !cell.Short {
			t.Errorf("%+v, want %s", cell, want)
		}
	}
}

// Bars over time stand where their time is.
func TestBarsStandAtTheirTime(t *testing.T) {
	at := func(minutes ...int) (out []time.Time) {
		for _, m := range minutes {
			out = append(out, time.Unix(int64(60*m), 0))
		}

		return out
	}
	r := dashboards.Range{From: time.Unix(30, 0), To: time.Unix(5*60+10, 0)}
	for name, test := range map[string]struct{ moments, want []time.Time }{
		"gaps":         {at(2, 3, 5), at(1, 2, 3, 4, 5)},
		"one":          {at(2), at(2)},
		"off a grid":   {[]time.Time{time.Unix(60, 0), time.Unix(90, 0), time.Unix(131, 0)}, []time.Time{time.Unix(60, 0), time.Unix(90, 0), time.Unix(131, 0)}},
		"far too many": {[]time.Time{time.Unix(60, 0), time.Unix(60, 1)}, []time.Time{time.Unix(60, 0), time.Unix(60, 1)}},
	} {
		if got := evenly(test.moments, r); !slices.EqualFunc(got, test.want, time.Time.Equal) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// The room of Grafana's own list goes to what stands beside it, and a name that doesn't fit
// its time is left out.
func TestRoomOfPanelsAndStates(t *testing.T) {
	var panels [3]panel
	for i := range panels {
		panels[i].GridPos.W, panels[i].GridPos.Y = 12, 8*i
	}
	panels[1].Type, panels[2].GridPos.Y = "alertlist", 8
	if got := withoutAlerts(panels[:]); len(got) != 2 || got[0].GridPos.W != 12 || got[1].GridPos.W != columns {
		t.Errorf("%+v", got)
	}
	r := dashboards.Range{From: time.Unix(0, 0), To: time.Unix(1000, 0)}
	f := &frame{rows: 2, columns: []column{{name: "time", times: []time.Time{time.Unix(0, 0), time.Unix(10, 0)}}, {name: "level", texts: []string{"cooling", "healthy"}}}}
	got, names := (&panel{}).states(f, canvas{width: 1000, r: r})
	if len(got) != 2 || got[0].Text != "" || got[0].Title == "" || got[1].Text != "healthy" || len(names) != 2 || names[0].Name != "cooling" {
		t.Errorf("%+v, named %+v", got, names)
	}
	if got := momentsOf(r); len(got) != 5 || got[1].Left != 20 || got[1].Text != "00:03" {
		t.Errorf("%+v", got)
	}
}
