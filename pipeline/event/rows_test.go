package event

import (
	"bytes"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestRowsComeBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
			return Row{
				Clock: rapid.Int64Range(-MaxTime, MaxTime).Draw(t, "clock"),
				Body:  bytes.ReplaceAll(rapid.SliceOf(rapid.Byte()).Draw(t, "body"), []byte{RowMark}, nil),
			}
		}), 1, 50).Draw(t, "rows")
		var data []byte
		for _, row := range rows {
			if !FitsRow(row.Body) {
				t.Fatalf("%q does not fit", row.Body)
			}
			data = AppendRow(data, row.Clock, row.Body)
		}
		got, ok := SplitRows(nil, data, len(rows))
		if !ok || len(got) != len(rows) {
			t.Fatalf("%d of %d rows came back, %v", len(got), len(rows), ok)
		}
		for i := range rows {
			if got[i].Clock != rows[i].Clock || !bytes.Equal(got[i].Body, rows[i].Body) {
				t.Fatalf("row %d is %+v, want %+v", i+1, got[i], rows[i])
			}
		}
	})
}

func TestRowsThatCannotBeRead(t *testing.T) {
	good := AppendRow(AppendRow(nil, 5, []byte("{}")), 7, nil)
	if _, ok := SplitRows(nil, good, 2); !ok {
		t.Fatalf("%q can't be read", good)
	}
	for name, c := range map[string]struct {
		data string
		rows int
	}{
		"fewer rows":          {string(good), 3},
		"more rows":           {string(good), 1},
		"none said":           {string(good), 0},
		"not said readably":   {string(good), -1},
		"more than there may": {string(bytes.Repeat([]byte("1 \x1e"), MaxRows)) + "1 ", MaxRows + 1},
		"nothing":             {"", 1},
		"no blank":            {"5", 1},
		"no clock":            {" {}", 1},
		"cut in the clock":    {string(good[:len(good)-1]), 2},
		"a word":              {"five {}", 1},
		"a fraction":          {"5.5 {}", 1},
		"a plus":              {"+5 {}", 1},
		"a zero in front":     {"05 {}", 1},
		"minus zero":          {"-0 {}", 1},
		"a line break":        {"5\n {}", 1},
		"beyond all clocks":   {strconv.FormatInt(MaxTime+1, 10) + " {}", 1},
		"far beyond":          {"99999999999999999999 {}", 1},
	} {
		if rows, ok := SplitRows(nil, []byte(c.data), c.rows); ok {
			t.Errorf("%s: %q was read as %+v", name, c.data, rows)
		}
	}
}

// What can be read is what AppendRow writes, byte for byte.
func FuzzSplitRows(f *testing.F) {
	f.Add([]byte("5 {}\x1e-7 {\"id\":\"a\"}"), 2)
	f.Add([]byte("0 \x1e7289654399999 "), 2)
	f.Add([]byte("5"), 1)
	f.Fuzz(func(t *testing.T, data []byte, count int) {
		rows, ok := SplitRows(nil, data, count)
		if !ok {
			return
		}
		var again []byte
		for _, row := range rows {
			again = AppendRow(again, row.Clock, row.Body)
		}
		if len(rows) != count || !bytes.Equal(again, data) {
			t.Fatalf("%q as %d rows was read as %+v", data, count, rows)
		}
	})
}
