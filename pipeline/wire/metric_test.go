package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
)

// appendMetrics writes a message as a cut does.
func appendMetrics(m *Metrics) []byte {
	data := AppendMetricHeader(nil, m.Header, m.By, m.Measures)
	items := `,"windows":[`
	if len(m.Series) > 0 {
		items = `,"series":[`
	} else if len(m.Days) > 0 {
		items = `,"days":[`
	}
	data = append(data, items...)
	for i := range m.Windows {
		if i > 0 {
			data = append(data, ',')
		}
		data = AppendMetricWindow(data, &m.Windows[i])
	}
	for i := range m.Series {
		if i > 0 {
			data = append(data, ',')
		}
		data = AppendMetricSeries(data, &m.Series[i])
	}
	for i := range m.Days {
		if i > 0 {
			data = append(data, ',')
		}
		data = AppendMetricDay(data, &m.Days[i])
	}

	return append(data, `]}`...)
}

func metrics() *rapid.Generator[Metrics] {
	return rapid.Custom(func(t *rapid.T) Metrics {
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,8}`), 0, 3)
		m := Metrics{
			Header: Header{Schema: MetricSchema, Table: "rollups_x", Partition: 3, Version: rapid.Uint64().Draw(t, "version"), Clock: 5, Era: 6},
			By:     append([]string{}, names.Draw(t, "by")...), Measures: append([]string{"n"}, names.Draw(t, "measures")...),
		}
		sums := make([]bool, len(m.Measures))
		for i := range sums {
			sums[i] = rapid.Bool().Draw(t, "sum")
		}
		columns := func(rows int) []Column {
			out := make([]Column, len(m.Measures))
			for i := range out {
				if i > 0 && rapid.Bool().Draw(t, "zero") {
					continue
				}
				for range rows {
					if sums[i] {
						out[i].Sums = append(out[i].Sums, amount.Amount{Lo: rapid.Uint64().Draw(t, "low"), Hi: rapid.Int64Range(-1<<40, 1<<40).Draw(t, "high")})
					} else {
						out[i].Counts = append(out[i].Counts, rapid.Int64().Draw(t, "count"))
					}
				}
			}

			return out
		}
		kind := rapid.SampledFrom([]string{"windows", "series", "days"}).Draw(t, "kind")
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			rows := rapid.IntRange(1, 4).Draw(t, "rows")
			if kind == "days" {
				d := MetricDay{Day: rapid.Int64().Draw(t, "day"), By: [][]string{}, Measures: columns(rows)}
				for range m.By {
					d.By = append(d.By, rapid.SliceOfN(rapid.String(), rows, rows).Draw(t, "texts"))
				}
				m.Days = append(m.Days, d)

				continue
			}
			if kind == "windows" {
				w := MetricWindow{Window: "1m", End: rapid.Int64().Draw(t, "end"), By: [][]string{}, Measures: columns(rows)}
				for range m.By {
					w.By = append(w.By, rapid.SliceOfN(rapid.String(), rows, rows).Draw(t, "texts"))
				}
				m.Windows = append(m.Windows, w)

				continue
			}
			s := MetricSeries{Window: "28d", By: []string{}, End: 86_400_000 * rapid.Int64Range(-9, 9).Draw(t, "day"), Slide: 60_000, Measures: columns(rows)}
			for range m.By {
				s.By = append(s.By, rapid.String().Draw(t, "text"))
			}
			for i := range rows {
				s.Steps = append(s.Steps, min(int64(i), rapid.Int64Range(1, 100).Draw(t, "step")))
			}
			m.Series = append(m.Series, s)
		}

		return m
	})
}

func TestParseReadsTheMetricsThatAppendWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := metrics().Draw(t, "message")
		data := appendMetrics(&want)
		if !json.Valid(data) {
			t.Fatalf("not JSON: %s", data)
		}
		if got, err := ParseMetrics(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %+v, %v\nwant %+v", data, got, err, want)
		}
		if got, err := unmarshalMetrics(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nencoding/json reads %+v, %v\nwant %+v", data, got, err, want)
		}
	})
}

// A figure of a message that a person can read.
func TestAMessageOfMetrics(t *testing.T) {
	m := Metrics{
		Header: Header{Schema: MetricSchema, Table: "rollups_sentiment", Partition: 3, Version: 7, Clock: 60_000},
		By:     []string{"channel"}, Measures: []string{"answers", "sentiment", "negative"},
		Windows: []MetricWindow{{Window: "1m", End: 60_000, By: [][]string{{"email", "web"}}, Measures: []Column{
			{Counts: []int64{2, 1}}, {Sums: []amount.Amount{amount.Of(500_000), amount.Of(-1_000_000)}}, {Counts: []int64{0, 1}},
		}}},
	}
	const want = `{"schema":3,"table":"rollups_sentiment","partition":3,"version":7,"clock":60000,` +
		`"by":["channel"],"measures":["answers","sentiment","negative"],` +
		`"windows":[{"window":"1m","end":60000,"by":[["email","web"]],"measures":[[2,1],["0.5","-1"],[0,1]]}]}`
	data := appendMetrics(&m)
	if string(data) != want {
		t.Errorf("got\n%s, want\n%s", data, want)
	}
	if _, ok := scanMetrics(data); !ok {
		t.Error("it does not take the fast way")
	}
}

func TestParseNamesWhatIsWrongWithMetrics(t *testing.T) {
	const head = `{"schema":3,"table":"rollups_x","partition":3,"version":1,"clock":2,"by":["channel"],"measures":["n","sum"],`
	for _, test := range []struct{ message, want string }{
		{`{`, "metric message"},
		{strings.Replace(head, `"schema":3`, `"schema":4`, 1) + `"windows":[]}`, "schema is 4, this version reads 3"},
		{strings.Replace(head, `["n","sum"]`, `[]`, 1) + `"windows":[]}`, "no measures"},
		{head + `"windows":[{"window":"1m","end":1,"by":[],"measures":[[1],["1"]]}]}`, "window 1m ending 1: 0 dimensions, want 1"},
		{head + `"windows":[{"window":"1m","end":1,"by":[["a","b"]],"measures":[[1],["1"]]}]}`, "a dimension of 1 rows has 2"},
		{head + `"windows":[{"window":"1m","end":1,"by":[["a"]],"measures":[[1]]}]}`, "1 measures, want 2"},
		{head + `"windows":[{"window":"1m","end":1,"by":[["a"]],"measures":[[1],["1","2"]]}]}`, "measure sum of 1 rows has 2"},
		{head + `"windows":[{"window":"1m","end":1,"by":[["a"]],"measures":[[1],[1.5]]}]}`, `"[1.5]", neither`},
		{head + `"windows":[{"window":"1m","end":1,"by":[["a"]],"measures":[[1],["x"]]}]}`, "neither whole numbers"},
		{head + `"series":[{"window":"1m","by":["a"],"end":1,"slide":60000,"steps":[],"measures":[[],[]]}]}`, "series 0 of window 1m: it has no steps"},
		{head + `"series":[{"window":"1m","by":["a"],"end":1,"slide":60000,"steps":[0,0],"measures":[[1,1],[]]}]}`, "step is 0"},
		{head + `"series":[{"window":"1m","by":["a"],"end":1,"slide":0,"steps":[0],"measures":[[1],[]]}]}`, "slide is 0 ms"},
		{head + `"windows":[{"window":"1m","end":1,"by":[["a"]],"measures":[[1],[]]}],"series":[{"window":"1m","by":["a"],"end":1,"slide":1,"steps":[0],"measures":[[1],[]]}]}`, "more than one of windows, series and days"},
		{head + `"days":[{"day":20786,"by":[["a"]],"measures":[[1]]}]}`, "day 20786: 1 measures, want 2"},
	} {
		if _, err := ParseMetrics([]byte(test.message)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error is %v, want one with %q", test.message, err, test.want)
		}
	}
}

// What the scanner takes, encoding/json reads the same.
func FuzzScanMetrics(f *testing.F) {
	for _, seed := range []int{1, 2, 3, 4} {
		m := metrics().Example(seed)
		f.Add(appendMetrics(&m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := scanMetrics(data)
		if !ok {
			return
		}
		want, err := unmarshalMetrics(data)
		if err != nil {
			t.Fatalf("%s: scanned, but %v", data, err)
		}
		if !reflect.DeepEqual(string(appendMetrics(&got)), string(appendMetrics(&want))) {
			t.Fatalf("%s\n got %+v\nwant %+v", data, got, want)
		}
	})
}
