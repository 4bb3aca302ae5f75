package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
)

// appendPacked writes a message as a cut of an import does.
func appendPacked(m Rollups) []byte {
	data := append(AppendHeader(nil, m.Header), `,"series":[`...)
	for i := range m.Series {
		if i > 0 {
			data = append(data, ',')
		}
		data = AppendSeries(data, &m.Series[i])
	}

	return append(data, `]}`...)
}

func packed() *rapid.Generator[Rollups] {
	return rapid.Custom(func(t *rapid.T) Rollups {
		m := Rollups{Header: Header{
			Schema: PackedSchema, Table: rapid.SampledFrom(RollupTables()).Draw(t, "table"),
			Partition: 3, Version: rapid.Uint64().Draw(t, "version"), Clock: rapid.Int64().Draw(t, "clock"),
		}, Series: []Series{}}
		for range rapid.IntRange(1, 4).Draw(t, "series") {
			m.Series = append(m.Series, drawSeries(t, m.Table))
		}

		return m
	})
}

func drawSeries(t *rapid.T, table Table) Series {
	s := Series{
		Window: rapid.SampledFrom([]string{"1m", "5m", "28d"}).Draw(t, "window"),
		End:    rapid.Int64Range(-1000, 1000).Draw(t, "day")*dayMS + rapid.Int64Range(0, 3).Draw(t, "hour")*3_600_000,
		Slide:  rapid.SampledFrom([]int64{60_000, 300_000}).Draw(t, "slide"),
		Steps:  []int64{0},
	}
	for range rapid.IntRange(0, 9).Draw(t, "rows") {
		s.Steps = append(s.Steps, rapid.Int64Range(1, 20).Draw(t, "step"))
	}
	customers := (table == Total || table == Kind) && rapid.Bool().Draw(t, "customers")
	values := table == Type && rapid.Bool().Draw(t, "values")
	for i := range s.Steps {
		row := drawRow(t, table)
		s.Events = append(s.Events, row.Events)
		if customers {
			s.Customers = append(s.Customers, row.Customers)
		}
		if values {
			s.Values = append(s.Values, row.Value)
		}
		if i == 0 {
			s.Key, s.Currency = row.Key, row.Currency
		}
	}

	return s
}

func TestParseReadsTheSeriesThatAppendWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := packed().Draw(t, "message")
		data := appendPacked(want)
		if !json.Valid(data) {
			t.Fatalf("not JSON: %s", data)
		}
		got, err := ParseRollups(data)
		if err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %+v\nwant %+v", data, got, want)
		}
		// encoding/json reads the same.
		if again, err := unmarshalRollups(data); err != nil || !reflect.DeepEqual(again, want) {
			t.Fatalf("%s\n got %+v, %v\nwant %+v", data, again, err, want)
		}
	})
}

func TestUsualSeriesAreScanned(t *testing.T) {
	for _, table := range RollupTables() {
		s := Series{Window: "5m", End: 60_000, Slide: 60_000, Steps: []int64{0, 1, 12}, Events: []int64{1, 999, 999_999_999_999_999_999}}
		switch table {
		case Total, Kind:
			s.Customers = []int64{1, 0, 3}
		case Type:
			s.Key, s.Currency, s.Values = "ünïcode.key", "EUR", []amount.Amount{amount.Of(-5), {}, amount.Max()}
		}
		data := appendPacked(Rollups{Header: Header{Schema: PackedSchema, Table: table, Version: 7}, Series: []Series{s}})
		got, ok := scanPacked(data)
		if !ok {
			t.Fatalf("table %s: %s is not scanned", table, data)
		}
		var ends []int64
		for end, row := range got.Series[0].Rows() {
			ends = append(ends, end)
			if row.Key != s.Key || row.Currency != s.Currency {
				t.Errorf("table %s: row %+v has not the key of its series", table, row)
			}
		}
		if want := []int64{60_000, 120_000, 840_000}; !reflect.DeepEqual(ends, want) || s.LastEnd() != 840_000 {
			t.Errorf("ends are %v to %d, want %v", ends, s.LastEnd(), want)
		}
	}
}

func TestParseNamesWhatIsWrongWithASeries(t *testing.T) {
	const head = `{"schema":2,"table":"rollups_kind","partition":3,"version":1,"clock":2,"series":[{"window":"5m","key":"active","end":86340000,"slide":60000,`
	for _, test := range []struct{ message, want string }{
		{`{"schema":2}`, `table "" has no series`},
		{strings.Replace(head, "rollups_kind", "levels", 1) + `"steps":[0],"events":[1]}]}`, `table "levels" has no series`},
		{head + `"steps":[],"events":[]}]}`, "series 0 of window 5m: 0 steps and 0 events"},
		{head + `"steps":[0],"events":[1,2]}]}`, "1 steps and 2 events"},
		{head + `"steps":[0],"events":[1],"customers":[]}]}`, "0 customers and 1 events"},
		{head + `"steps":[0],"events":[1],"customers":[1],"values":["1"]}]}`, "a column that table rollups_kind has not"},
		{head + `"steps":[1],"events":[1]}]}`, "the first step is not 0"},
		{head + `"steps":[0,0],"events":[1,1]}]}`, "step is 0"},
		{head + `"steps":[0,9223372036854775807],"events":[1,1]}]}`, "step is 9223372036854775807"},
		{head + `"steps":[0,1],"events":[1,1]}]}`, "not in one day"},
		{strings.Replace(head, `"slide":60000`, `"slide":0`, 1) + `"steps":[0],"events":[1]}]}`, "slide is 0 ms"},
		{head + `"steps":[0],"events":[1.5]}]}`, "rollup message"},
	} {
		if _, err := ParseRollups([]byte(test.message)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error is %v, want one with %q", test.message, err, test.want)
		}
	}
}

// The scanner takes the arrays that JSON takes, as they are written here, and no others.
func TestArraysOfNumbersAreScannedAsJSON(t *testing.T) {
	for _, text := range []string{
		"[]", "[0]", "[7,8]", "[1,22,3]", "[22,1]", "[-1,2,-33]", "[0,0,0,10]", "[999999999999999999,1]",
		"[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[01]", "[1,02]", "[1,2", "[1,", "[", "1]", "[a]", "[1,b]", "[1]]",
	} {
		var want []int64
		err := json.Unmarshal([]byte(text), &want)
		s := scanner{text: text, ok: true}
		got, _ := s.numbers(nil)
		taken := s.ok && s.at == len(text)
		if taken != (err == nil) || taken && (len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want)) {
			t.Errorf("%s: scanned %v, %t; JSON says %v, %v", text, got, taken, want, err)
		}
	}
}
