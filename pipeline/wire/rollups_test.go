package wire

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
)

// appendRollups writes a message as a cut does.
func appendRollups(m Rollups) []byte {
	data := append(AppendHeader(nil, m.Header), `,"windows":[`...)
	for i, w := range m.Windows {
		if i > 0 {
			data = append(data, ',')
		}
		data = AppendWindow(data, w.Window, w.End)
		for j, row := range w.Rows {
			if j > 0 {
				data = append(data, ',')
			}
			data = AppendRow(data, m.Table, row)
		}
		data = append(data, `]}`...)
	}

	return append(data, `]}`...)
}

func rollups() *rapid.Generator[Rollups] {
	return rapid.Custom(func(t *rapid.T) Rollups {
		m := Rollups{Header: Header{
			Schema:    Schema,
			Table:     rapid.SampledFrom(RollupTables()).Draw(t, "table"),
			Partition: rapid.IntRange(0, 1<<15).Draw(t, "partition"),
			Version:   rapid.Uint64().Draw(t, "version"),
			Clock:     rapid.Int64().Draw(t, "clock"),
		}}
		for range rapid.IntRange(0, 4).Draw(t, "windows") {
			w := Window{
				Window: rapid.SampledFrom([]string{"1m", "5m", "28d"}).Draw(t, "window"),
				End:    rapid.Int64().Draw(t, "end"),
				Rows:   []Row{},
			}
			for range rapid.IntRange(0, 5).Draw(t, "rows") {
				w.Rows = append(w.Rows, drawRow(t, m.Table))
			}
			m.Windows = append(m.Windows, w)
		}

		return m
	})
}

// drawRow fills the fields that the table carries.
func drawRow(t *rapid.T, table Table) Row {
	row := Row{Events: rapid.Int64().Draw(t, "events")}
	if table != Total {
		row.Key = rapid.String().Draw(t, "key")
	}
	switch table {
	case Total, Kind:
		row.Customers = rapid.Int64().Draw(t, "customers")
	case Type:
		row.Currency = rapid.SampledFrom([]string{"", "EUR", "USD"}).Draw(t, "currency")
		row.Value = amount.Amount{Lo: rapid.Uint64().Draw(t, "low"), Hi: rapid.Int64Range(-1<<62, 1<<62).Draw(t, "high") >> rapid.IntRange(0, 62).Draw(t, "bits")}
	}

	return row
}

func TestParseReadsWhatAppendWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rollups().Draw(t, "message")
		data := appendRollups(want)
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
	})
}

// The messages that ebb publishes take the fast way; if they stopped to, only
// a benchmark would tell.
func TestUsualMessagesAreScanned(t *testing.T) {
	for _, table := range RollupTables() {
		row := Row{Key: "ünïcode.key", Currency: "EUR", Events: 999_999_999_999_999_999, Customers: 3, Value: amount.Of(-5)}
		m := Rollups{Header: Header{Schema: Schema, Table: table, Version: 7}, Windows: []Window{{Window: "5m", End: -60_000, Rows: []Row{row, row}}}}
		if _, ok := scanRollups(appendRollups(m)); !ok {
			t.Errorf("table %s: %s is not scanned", table, appendRollups(m))
		}
	}
}

func TestParseTakesOtherLayouts(t *testing.T) {
	got, err := ParseRollups([]byte(` {"windows": [ {"rows": [["a\u00e9\n", 1, 2]], "end": 5, "window": "1m"} ], "clock": 4, "more": {},
		"version": 18446744073709551615, "partition": 2, "table": "rollups_kind", "schema": 1}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Rollups{
		Header:  Header{Schema: 1, Table: Kind, Partition: 2, Version: math.MaxUint64, Clock: 4},
		Windows: []Window{{Window: "1m", End: 5, Rows: []Row{{Key: "aé\n", Events: 1, Customers: 2}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	const head = `{"schema":1,"table":"rollups_kind","partition":3,"version":1,"clock":2,"windows":[{"window":"5m","end":60000,"rows":[`
	for _, test := range []struct{ message, want string }{
		{``, "unexpected end"},
		{`{"schema":3}`, "schema is 3"},
		{strings.Replace(head, "rollups_kind", "rollups_mood", 1) + `["x",1,2]]}]}`, `table "rollups_mood" has no window rows`},
		{head + `["active",1]]}]}`, "row 0: 2 cells, want 3"},
		{head + `["active",1,2],["micro",1.5,2]]}]}`, "window 5m ending 60000, row 1: cell 1"},
		{head + `["active",1,2],[5,1,2]]}]}`, "row 1: cell 0"},
		{head + `["active",9223372036854775808,2]]}]}`, "row 0: cell 1"},
		{head + `["active",1,2]]}]}x`, "after top-level value"},
		{head + `["active",01,2]]}]}`, "invalid character"},
	} {
		if _, err := ParseRollups([]byte(test.message)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error is %v, want one with %q", test.message, err, test.want)
		}
	}
}

// What the scanner takes, encoding/json reads the same.
func FuzzScanRollups(f *testing.F) {
	for _, table := range RollupTables() {
		m := Rollups{Header: Header{Schema: Schema, Table: table, Version: 7}, Windows: []Window{
			{Window: "5m", End: 60_000, Rows: []Row{{Key: "a", Events: 1}, {Key: "é", Events: -2}}}, {Window: "1m", End: 1},
		}}
		f.Add(appendRollups(m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := scanRollups(data)
		if !ok {
			return
		}
		want, err := unmarshalRollups(data)
		if err != nil {
			t.Fatalf("%s: scanned, but %v", data, err)
		}
		if !equal(got, want) {
			t.Fatalf("%s\n got %+v\nwant %+v", data, got, want)
		}
	})
}

func equal(a, b Rollups) bool {
	return a.Header == b.Header && slices.EqualFunc(a.Windows, b.Windows, func(v, w Window) bool {
		return v.Window == w.Window && v.End == w.End && slices.Equal(v.Rows, w.Rows)
	})
}

// benchmarkMessage has 1,000 rows of table rollups_type, 20 a window.
func benchmarkMessage() []byte {
	m := Rollups{Header: Header{Schema: Schema, Table: Type, Partition: 3, Version: 123456, Clock: 1099499760000}}
	for i := range int64(50) {
		w := Window{Window: "5m", End: 1099499760000 + i*60_000}
		for range 20 {
			w.Rows = append(w.Rows, Row{Key: "order.completed", Currency: "EUR", Events: 12, Value: amount.Of(123_456_789)})
		}
		m.Windows = append(m.Windows, w)
	}

	return appendRollups(m)
}

// One operation reads 1,000 rows.
func BenchmarkParseRollups(b *testing.B) {
	data := benchmarkMessage()
	for name, parse := range map[string]func([]byte) (Rollups, error){"scan": ParseRollups, "encoding-json": unmarshalRollups} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parse(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
