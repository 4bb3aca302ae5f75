package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"ebb/pipeline/replay"
)

// fileCase is a file of history as people have them, and what has to come of
// it. A further case is a further row of fileCases.
type fileCase struct {
	name    string
	text    string
	mapping string // YAML; "" lets the file choose
	refused string // what an error says; "" where the file is read

	rows, letters, customers int64 // letters are dead letters
	anonymous                int64 // of the customers
	sorted                   bool
	says                     string // among the notes
	problem                  string // among the first problems
}

func fileCases() []fileCase {
	day := func(i int) time.Time { return time.Date(2025, 5, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, i) }
	file := func(n int, at func(i int) string) string {
		text := "event_time,customer_id,event_type\n"
		for i := range n {
			text += fmt.Sprintf("%s,c%d,order.completed\n", at(i), i%5)
		}

		return text
	}
	stamp := func(i int) string { return day(i).Format(time.RFC3339) }
	wrong := func(row int, text string) func(int) string {
		return func(i int) string {
			if i == row {
				return text
			}

			return stamp(i)
		}
	}
	unit := func(names string) string {
		return "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\ntime: {formats: [" + names + "]}\n"
	}
	seconds := func(i int) string { return fmt.Sprint(day(i).Unix()) }
	mixed := func(i int) string { return fmt.Sprint(day(i).Unix()) + []string{"", "000", "000000"}[i%3] }
	berlin := "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\ntime: {formats: ['2006-01-02 15:04'], zone: Europe/Berlin}\n"
	local := func(times ...string) string { return file(len(times), func(i int) string { return times[i] }) }
	units := utf16.Encode([]rune("\ufeff" + file(6, stamp)))
	wide := make([]byte, 0, 2*len(units))
	for _, u := range units {
		wide = append(wide, byte(u), byte(u>>8))
	}
	reverse := func(i int) string { return stamp(99 - i) }

	signIns := "event_time,customer_id,anonymous_id,event_type\n"
	for i := range 12 {
		who := []string{",tablet-0", ",tablet-1", ",tablet-2"}[i%3]
		if i/3 == 2 && i%3 < 2 {
			who = fmt.Sprintf("c%d,tablet-%d", i%3, i%3)
		}
		signIns += stamp(i) + "," + who + ",cart.added\n"
	}
	reversed := func(text string) string {
		lines := strings.SplitAfter(text, "\n")
		slices.Reverse(lines[1:])

		return strings.Join(lines, "")
	}
	native := `{"id":"1","time":"2025-05-01T08:00:00Z","anonymous_id":"a","type":"cart.added"}
{"id":"2","time":"2025-05-02T08:00:00Z","anonymous_id":"a","customer":"c","type":"account.signed_up"}
{"id":"3","time":"2025-05-03T08:00:00Z","customer":"c","type":"order.completed"}
`

	return []fileCase{
		{name: "a row of 2038", text: file(100, wrong(20, "2038-01-19T03:14:07Z")), rows: 100, letters: 1, customers: 5, says: "beyond the wall clock"},
		{name: "a row of 1970", text: file(100, wrong(0, "1970-01-01T00:00:00Z")), rows: 100, letters: 1, customers: 5, says: "1970"},
		{name: "a row of next year", text: file(100, wrong(20, "2026-05-21T08:00:00Z")), rows: 100, letters: 1, customers: 5, says: "row 21"},
		{name: "in order", text: file(100, stamp), rows: 100, customers: 5},
		{name: "newest first", text: file(100, reverse), rows: 100, customers: 5, sorted: true, says: "sorted by time"},
		{name: "by customer", text: file(100, func(i int) string { return stamp(i%20*5 + i/20) }), rows: 100, customers: 5, sorted: true, says: "sorted by time"},
		{name: "units in order", text: file(9, mixed), mapping: unit("unix, unix_ms, unix_us"), rows: 9, customers: 5},
		{name: "units in another order", text: file(9, mixed), mapping: unit("unix_us, unix_ms, unix"), rows: 9, customers: 5},
		{name: "seconds as milliseconds", text: file(9, seconds), mapping: unit("unix_ms"), rows: 9, letters: 9, customers: 5, says: "1970"},
		{name: "clocks put back", text: local("2025-10-26 01:50", "2025-10-26 02:00", "2025-10-26 02:40", "2025-10-26 02:00", "2025-10-26 02:40", "2025-10-26 03:00"), mapping: berlin, rows: 6, customers: 5},
		{name: "clocks put forward", text: local("2025-03-30 01:30", "2025-03-30 02:10", "2025-03-30 02:30", "2025-03-30 03:00"), mapping: berlin, rows: 4, letters: 2, customers: 4, says: "put forward"},
		{name: "a mark before quotes", text: "\ufeff\"event_time\",\"customer_id\",\"event_type\"\r\n\"2025-05-01T08:00:00Z\",\"a\",\"b.c\"\r\n", rows: 1, customers: 1},
		{name: "carriage returns", text: strings.ReplaceAll(file(6, stamp), "\n", "\r"), rows: 6, customers: 5},
		{name: "UTF-16", text: string(wide), rows: 6, customers: 5},
		{name: "a column twice", text: "event_time,customer_id,event_type,value,value\n2025-05-01T08:00:00Z,a,b.c,1,2\n", refused: `more than one column "value"`},
		{name: "a workbook", text: zipped("[Content_Types].xml", "xl/workbook.xml"), refused: "Excel"},
		{name: "half an archive", text: "PK\x03\x04\x14\x00\x06\x00", refused: "is the archive complete?"},
		{name: "before they signed in", text: signIns, rows: 12, customers: 3, anonymous: 1, says: "2 anonymous ids are 2 customers by rows that hold both; 6 rows were joined"},
		{name: "before they signed in, newest first", text: reversed(signIns), rows: 12, customers: 3, anonymous: 1, sorted: true, says: "6 rows were joined"},
		{name: "native, before they signed in", text: native, rows: 3, customers: 1, says: "1 anonymous id is 1 customer by rows that hold both; 1 row was joined"},
		{name: "a device of two", text: strings.ReplaceAll(signIns, "tablet-1", "tablet-0"), rows: 12, customers: 3, anonymous: 1, says: `belongs to several customers ("tablet-0")`},
		{name: "a column of visitors", text: strings.ReplaceAll(signIns, "anonymous_id", "visitor_id"), rows: 12, letters: 10, customers: 2, problem: "anonymous_id: visitor_id"},
		{name: "columns of a tracker", text: "timestamp,anonymousId,userId,event\n", refused: "{name: mine, format: csv, fields: {time: timestamp, customer: userId, anonymous_id: anonymousId, type: event}}"},
		{name: "lines of a tracker", text: `{"timestamp":"2025-05-01T08:00:00Z","anonymousId":"a","userId":"u","event":"b.c"}`, rows: 1, customers: 1}, // calls of Segment's shape are read as they are
		{name: "ids of nobody", text: strings.ReplaceAll(file(10, stamp), "c1", "NULL"), rows: 10, letters: 2, customers: 4, says: ""},
	}
}

// zipped is a ZIP archive of empty files.
func zipped(names ...string) string {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, name := range names {
		if _, err := archive.Create(name); err != nil {
			panic(err) // a buffer takes all
		}
	}
	if err := archive.Close(); err != nil {
		panic(err)
	}

	return b.String()
}

// Whatever a file of history is like, nothing of it is lost without a word, in
// a dry run as in a backtest's reading.
func TestFilesAsPeopleHaveThem(t *testing.T) {
	clearEnvironment(t)
	for _, test := range fileCases() {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			args := []string{"replay", filepath.Join(dir, "events.csv"), "--dry-run", "--json"}
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("events.csv", test.text)
			if test.mapping != "" {
				write("map.yaml", test.mapping)
				args = append(args, "--mapping", filepath.Join(dir, "map.yaml"))
			}
			code, stdout, stderr := command(t, args...)
			if test.refused != "" {
				if code == exitOK || !strings.Contains(stderr, test.refused) {
					t.Errorf("exit code %d: %s", code, stderr)
				}

				return
			}
			var s replay.Summary
			if err := json.Unmarshal([]byte(stdout), &s); err != nil || (code != exitOK) != (test.letters == test.rows) {
				t.Fatalf("exit code %d, %v: %s", code, err, stderr) // a failure where nothing would count
			}
			if s.Rows != test.rows || s.Bad != test.letters || s.Late != 0 || s.TooFarAhead != 0 || s.Sorted != test.sorted {
				t.Errorf("%d rows, %d dead letters, %d late, %d ahead, sorted %v; want %+v", s.Rows, s.Bad, s.Late, s.TooFarAhead, s.Sorted, test)
			}
			if int64(s.Customers) != test.customers || s.Anonymous != test.anonymous {
				t.Errorf("%d customers, %d of them anonymous, want %d, %d", s.Customers, s.Anonymous, test.customers, test.anonymous)
			}
			if !slices.ContainsFunc(append(s.Notes, ""), func(note string) bool { return strings.Contains(note, test.says) }) {
				t.Errorf("no note says %q: %q", test.says, s.Notes)
			}
			if !slices.ContainsFunc(append(s.Problems, ""), func(text string) bool { return strings.Contains(text, test.problem) }) {
				t.Errorf("no problem says %q: %q", test.problem, s.Problems)
			}
		})
	}
}
