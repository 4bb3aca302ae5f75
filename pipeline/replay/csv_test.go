package replay

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// rowsOf reads a text into one line a row: cells in brackets, or the error and
// what is kept of the row.
func rowsOf(in io.Reader) []string {
	rows := newCSVRows(in, ',')
	var out []string
	for {
		err := rows.next()
		switch {
		case errors.Is(err, io.EOF):
			return out
		case errors.Is(err, errOpenQuote), errors.Is(err, errAfterQuote), errors.Is(err, errLongRow):
			out = append(out, fmt.Sprintf("%.17v: %.20q", err, rows.raw))
		case err != nil:
			return append(out, err.Error())
		default:
			out = append(out, fmt.Sprintf("%q", rows.cells))
		}
	}
}

func TestRowsAreSplitByRFC4180(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":           {"", nil},
		"empty lines":       {"\n\r\n\na\n", []string{`["a"]`}},
		"plain":             {"a,b\n1,\n", []string{`["a" "b"]`, `["1" ""]`}},
		"no last break":     {"a,b", []string{`["a" "b"]`}},
		"windows breaks":    {"a,b\r\n1,2\r\n", []string{`["a" "b"]`, `["1" "2"]`}},
		"quoted":            {`a,"b,c",d` + "\n", []string{`["a" "b,c" "d"]`}},
		"quoted at end":     {`"a","b"`, []string{`["a" "b"]`}},
		"quoted, windows":   {"\"a\",b\r\n\"c\"\r\nd\n", []string{`["a" "b"]`, `["c"]`, `["d"]`}},
		"doubled":           {`"say ""a"" and ""b""",x` + "\n", []string{`["say \"a\" and \"b\"" "x"]`}},
		"two doubled":       {`"a""b","c""d"` + "\n", []string{`["a\"b" "c\"d"]`}},
		"only marks":        {`"""",""` + "\n", []string{`["\"" ""]`}},
		"break in quotes":   {"\"a\nb\",c\nd\n", []string{`["a\nb" "c"]`, `["d"]`}},
		"empty after quote": {"\"a\",\n\"b\",", []string{`["a" ""]`, `["b" ""]`}},
		"bare mark":         {"5\" pipe,x\n", []string{`["5\" pipe" "x"]`}},
		"open quote":        {"a\n\"b,c\nd,e\n", []string{`["a"]`, `a quotation mark : "\"b,c\n"`, `["d" "e"]`}},
		"open at end":       {"\"b", []string{`a quotation mark : "\"b"`}},
		"text after quote":  {"\"b\"c,d\ne\n", []string{`text follows a cl: "\"b\"c,d\n"`, `["e"]`}},
		"return after":      {"\"b\"\rc\ne\n", []string{`text follows a cl: "\"b\"\rc\n"`, `["e"]`}},
	} {
		if got := rowsOf(strings.NewReader(test.text)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
		if got := rowsOf(iotest.OneByteReader(strings.NewReader(test.text))); !slices.Equal(got, test.want) {
			t.Errorf("%s, byte by byte: %v, want %v", name, got, test.want)
		}
	}
}

// How long a row may be must not depend on how the file is read.
func TestLongRowsAreGivenUpOneByOne(t *testing.T) {
	line := func(n int) string { return strings.Repeat("x", n-1) + "\n" }
	open := `"` + line(MaxRowBytes-1)
	for name, test := range map[string]struct {
		text string
		want int // rows that are read
		bad  int
	}{
		"as long as allowed":    {line(MaxRowBytes) + "a\n", 2, 0},
		"one byte too long":     {line(MaxRowBytes+1) + "a\n", 1, 1},
		"far too long":          {line(5*MaxRowBytes) + "a\n", 1, 1},
		"too long at the end":   {"a\n" + strings.Repeat("x", MaxRowBytes+1), 1, 1},
		"allowed at the end":    {"a\n" + strings.Repeat("x", MaxRowBytes), 2, 0},
		"quotes that fit":       {open[:len(open)-1] + "\"\na\n", 1, 1}, // one byte more than allowed
		"quotes across lines":   {"\"" + strings.Repeat("ab\n", 1000) + "\"\na\n", 2, 0},
		"quotes never closed":   {"\"" + strings.Repeat(line(1024), 1000), 999, 1},
		"second cell beyond it": {"\"a\"," + strings.Repeat("x", MaxRowBytes) + "\nb\n", 1, 1},
	} {
		for kind, in := range map[string]io.Reader{
			"at once":   strings.NewReader(test.text),
			"in halves": iotest.HalfReader(strings.NewReader(test.text)),
			"with EOF":  iotest.DataErrReader(strings.NewReader(test.text)),
		} {
			good, bad := 0, 0
			for _, row := range rowsOf(in) {
				if strings.HasPrefix(row, "[") {
					good++
				} else {
					bad++
				}
			}
			if good != test.want || bad != test.bad {
				t.Errorf("%s, read %s: %d rows and %d bad ones, want %d and %d", name, kind, good, bad, test.want, test.bad)
			}
		}
	}
}

func TestBrokenFileIsAnError(t *testing.T) {
	broken := errors.New("the disk is gone")
	in := func(text string) io.Reader { return io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)) }
	if got := rowsOf(in("a,b\nc,")); !slices.Equal(got, []string{`["a" "b"]`, broken.Error()}) {
		t.Errorf("rows %v", got)
	}
	lines := jsonLines{lines: newLineBuffer(in("{}\n{"))}
	if err := lines.next(); err != nil {
		t.Fatal(err)
	}
	if err := lines.next(); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	stuck := newLineBuffer(stuckReader{})
	if stuck.more() || !errors.Is(stuck.failure(), io.ErrNoProgress) {
		t.Errorf("a reader that never gives anything: %v", stuck.failure())
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

// What encoding/csv accepts is split in the same way.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n", "\"a\"\"b\",\"c\nd\"\n", "\"\",\n\n\"x\"", "a\"b\n", "\"a\n", ",\n,,\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\r") {
			return // encoding/csv changes \r\n inside of quotes to \n
		}
		oracle := csv.NewReader(strings.NewReader(text))
		oracle.FieldsPerRecord = -1
		records, err := oracle.ReadAll()
		if err != nil {
			records = nil
		}
		got := rowsOf(strings.NewReader(text))
		if again := rowsOf(iotest.OneByteReader(strings.NewReader(text))); !slices.Equal(got, again) {
			t.Fatalf("byte by byte %v, at once %v", again, got)
		}
		if err != nil {
			return
		}
		want := make([]string, len(records))
		for i, record := range records {
			want[i] = fmt.Sprintf("%q", record)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("rows %v, encoding/csv %v", got, want)
		}
	})
}

// A mapping that names no delimiter takes the one that the header has most of,
// outside of quotation marks.
func TestTheDelimiterIsTakenFromTheHeader(t *testing.T) {
	for header, want := range map[string]byte{
		"customer,time,type":            ',',
		"customer;time;type":            ';',
		"customer\ttime\ttype":          '\t',
		"customer|time|type":            '|',
		"customer":                      ',',
		"customer;amount,EUR;time":      ';',
		`customer,"a;b;c;d",time`:       ',',
		"customer;time\r":               ';',
		"name, first|name, last|a, b|c": ',', // as many of both
		"a;b,c":                         ',',
	} {
		rows := newCSVRows(strings.NewReader(header+"\n1;2,3\n"), 0)
		if err := rows.next(); err != nil {
			t.Fatal(err)
		}
		if rows.comma != want {
			t.Errorf("%q: %q, want %q", header, rows.comma, want)
		}
	}
}

func TestFilesOfOtherDelimitersNeedNoMapping(t *testing.T) {
	for _, delimiter := range []string{";", "\t", "|"} {
		text := strings.ReplaceAll("customer_id,event_time,event_type,price\nc1,2024-01-01T10:00:00Z,order.completed,\"12,50\"\n", ",", delimiter)
		source := textSource("shop.csv", text)
		m, err := Detect(source)
		if err != nil {
			t.Errorf("%q: %v", delimiter, err)

			continue
		}
		reader, err := NewReader(source, m, ReadOptions{})
		if err != nil {
			t.Fatalf("%q: %v", delimiter, err)
		}
		var row Row
		if err := reader.Next(&row); err != nil || !strings.Contains(string(row.Body), `"customer":"c1"`) {
			t.Errorf("%q: %s, %v", delimiter, row.Body, err)
		}
	}
}

// A column of types is no property of events that are all of one type, whatever
// its usual name.
func TestTypesAreTakenUnderTheirUsualNames(t *testing.T) {
	for column, want := range map[string]string{
		"event_type": `"type":"share"`, "event_name": `"type":"share"`, "event": `"type":"share"`, "type": `"type":"share"`,
		"name": `"type":"event.recorded"`,
	} {
		text := "customer_id,event_time," + column + "\nc1,2024-01-01T10:00:00Z,share\n"
		source := textSource("app.csv", text)
		m, err := Detect(source)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := NewReader(source, m, ReadOptions{})
		if err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		var row Row
		if err := reader.Next(&row); err != nil || !strings.Contains(string(row.Body), want) {
			t.Errorf("%s: %s, %v, want %s", column, row.Body, err, want)
		}
	}
}
