package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const bothIDs = `
name: both
fields: {id: id, time: at, customer: user_id, anonymous_id: device_id, type: event}
time: {formats: [unix]}
`

// who reads a file as an import does and returns the customers of its rows by
// their ids.
func who(t rapid.TB, m *Mapping, text string) (map[string]string, *Joins) {
	t.Helper()
	source := textSource("events", text)
	known, err := readTimeline(source, m, Limits{Lateness: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(source, m, ReadOptions{Timeline: known.timeline, Joins: known.joins})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	customers := make(map[string]string)
	var row Row
	for {
		err := r.Next(&row)
		if errors.Is(err, io.EOF) {
			known.joins.Rows = r.Joined()

			return customers, known.joins
		}
		if err != nil {
			t.Fatal(err)
		}
		customers[string(row.ID)] = string(row.Customer)
		if event, err := decode(row.Body); err == nil && !bytes.Equal(event.Customer, row.Customer) {
			t.Fatalf("row %d is %q's, its event %s", row.Number, row.Customer, row.Body)
		}
	}
}

// visits writes rows "second customer anonymous" as CSV.
func visits(rows ...string) string {
	text := "at,user_id,device_id,event,id\n"
	for i, row := range rows {
		text += strings.ReplaceAll(row, " ", ",") + fmt.Sprintf(",page.viewed,e%d\n", i)
	}

	return text
}

func TestRowsBeforeAndBehindASignInAreTheCustomers(t *testing.T) {
	row := func(second int, ids string) string { return fmt.Sprintf("%d %s", 1_700_000_000+second, ids) }
	people := func(n int) []string {
		var rows []string
		for i := range n {
			rows = append(rows, row(i, fmt.Sprintf("p%02d till", i)))
		}

		return append(rows, row(20, " till"))
	}
	for _, test := range []struct {
		name string
		rows []string
		want string // of the rows, in order
		says string
	}{
		{"before and behind", []string{row(1, " a"), row(2, "p a"), row(3, " a"), row(4, "p ")}, "p p p p", "1 anonymous id is 1 customer by rows that hold both; 2 rows were joined."},
		{"nobody signs in", []string{row(1, " a"), row(2, "p "), row(3, " a")}, "anonymous:a p anonymous:a", ""},
		{"two devices", []string{row(1, " a"), row(2, " b"), row(3, "p a"), row(4, "p b")}, "p p p p", "2 anonymous ids are 1 customer"},
		{"a device of two", []string{row(1, " a"), row(2, "p a"), row(3, " a"), row(4, "q a"), row(5, " a"), row(6, "p a"), row(7, " a")}, "p p p q q p p", `1 anonymous id belongs to several customers ("a")`},
		{"newest first", []string{row(7, " a"), row(6, "p a"), row(5, " a"), row(4, "q a"), row(3, " a"), row(2, "p a"), row(1, " a")}, "p p q q p p p", "several"},
		{"at one moment", []string{row(1, "q a"), row(1, "p a"), row(1, " a"), row(2, " a")}, "q p p p", "several"},
		{"at one moment, the other first", []string{row(1, "p a"), row(1, "q a"), row(1, " a"), row(2, " a")}, "p q p p", "several"},
		{"distinct ids", []string{row(1, "a a"), row(2, "p a"), row(3, "$device:a a"), row(4, "b b")}, "p p p b", "2 rows were joined"},
		{"words for nobody", []string{row(1, "p null"), row(2, "q null"), row(3, "NULL a"), row(4, "p a")}, "p q p p", "1 anonymous id is 1 customer"},
		{"a till", people(17), "till", `belongs to more than 16 customers ("till")`},
		{"sixteen people", people(16), "p15", "several"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, joins := who(t, mustMapping(t, bothIDs), visits(test.rows...))
			var customers []string
			for i := range test.rows {
				customers = append(customers, got[fmt.Sprintf("e%d", i)])
			}
			if text := strings.Join(customers, " "); !strings.HasSuffix(text, test.want) {
				t.Errorf("customers %q, want %q", text, test.want)
			}
			if words := strings.Join(joins.Words(), " "); !strings.Contains(words, test.says) || test.says == "" && words != "" {
				t.Errorf("%q, want %q", words, test.says)
			}
		})
	}
}

func TestJoinsOfNativeEvents(t *testing.T) {
	native := shippedMapping(t, "native")
	line := func(id, members string) string {
		return fmt.Sprintf(`{"id":%q,"time":"2025-03-01T10:00:0%sZ","type":"a.b",%s}`, id, id, members)
	}
	text := strings.Join([]string{
		line("1", `"anonymous_id":"\u00e4","value":1`),
		line("2", `"anonymous_id":"ä","customer":"p\"1"`),
		line("3", `"customer":null,"anonymous_id":"ä"`),
		line("4", `"anonymous_id":"ä","customer":"","received_at":"2025-03-01T10:00:05Z"`),
		line("5", `"anonymous_id":"b","customer":"NULL"`), // is refused, and says nothing
		line("6", `"anonymous_id":"b"`),
		line("7", `"anonymous_id":7,"customer":"c"`),
		line("8", `"anonymous_id":"7"`),
	}, "\n")
	got, joins := who(t, native, text)
	want := map[string]string{"1": `p"1`, "2": `p"1`, "3": `p"1`, "4": `p"1`, "5": "NULL", "6": "anonymous:b", "7": "c", "8": "anonymous:7"}
	for id, customer := range want {
		if got[id] != customer {
			t.Errorf("row %s is %q's, want %q", id, got[id], customer)
		}
	}
	if joins.Rows != 3 || joins.AnonymousIDs != 1 || joins.Customers != 1 {
		t.Errorf("%+v", joins)
	}
	known, err := readTimeline(textSource("events", text), native, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows := readRows(t, native, text, ReadOptions{Timeline: known.timeline, Joins: known.joins, ShiftMS: 1000})
	body := `{"id":"4","time":"2025-03-01T10:00:05.000Z","type":"a.b","anonymous_id":"ä","customer":"p\"1","received_at":"2025-03-01T10:00:06.000Z"}`
	if string(rows[3].Body) != body {
		t.Errorf("%s\nwant %s", rows[3].Body, body)
	}
}

func TestAMappingMayKeepAnonymousIDs(t *testing.T) {
	text := visits("1700000001  a", "1700000002 p a")
	got, joins := who(t, mustMapping(t, bothIDs+"anonymous: join\n"), text)
	if got["e0"] != "p" || joins.Rows != 1 {
		t.Errorf("%v, %+v", got, joins)
	}
	kept := mustMapping(t, bothIDs+"anonymous: keep\n")
	rows := readRows(t, kept, text, ReadOptions{Joins: mustPlan(t, textSource("events", text), kept, Options{Partitions: 1}).Joins})
	if string(rows[0].Customer) != "anonymous:a" {
		t.Errorf("%s", rows[0].Body)
	}
	_, err := ParseMapping([]byte(bothIDs + "anonymous: joined\n"))
	wantError(t, err, `anonymous is "joined"`, "did you mean join?")
}

// A constant is nobody's id: it can't tell people apart.
func TestConstantsJoinNobody(t *testing.T) {
	m := mustMapping(t, bothIDs+"constants: {anonymous_id: guest}\n")
	got, joins := who(t, m, visits("1700000001 p ", "1700000002  ", "1700000003 q "))
	if got["e1"] != "anonymous:guest" || joins.AnonymousIDs != 0 {
		t.Errorf("%v, %+v", got, joins)
	}
}

// Shifted times are those of the file.
func TestJoinsOfShiftedTimes(t *testing.T) {
	text := visits("1700000001 p a", "1700000002  a", "1700000003 q a", "1700000004  a")
	m := mustMapping(t, bothIDs)
	joins := mustPlan(t, textSource("events", text), m, Options{Partitions: 1}).Joins
	for _, shift := range []int64{0, 100_000_000, -100_000_000} {
		var who []string
		for _, row := range readRows(t, m, text, ReadOptions{Joins: joins, ShiftMS: shift}) {
			who = append(who, string(row.Customer))
		}
		if want := []string{"p", "p", "q", "q"}; !slices.Equal(who, want) {
			t.Errorf("shifted by %d, rows of %q, want %q", shift, who, want)
		}
	}
}

// A row in 2038 is no sign-in on a shared device.
func TestASignInWhoseTimeCantBeBelieved(t *testing.T) {
	rows := []string{"1700000000 p a", "1700000001  a", "2147480000 r a", "1700000002 q a", "1700000003  a"}
	for i := range 40 {
		rows = append(rows, fmt.Sprintf("%d p ", 1_700_000_100+i))
	}
	got, joins := who(t, mustMapping(t, bothIDs), visits(rows...))
	if got["e1"] != "p" || got["e4"] != "q" || joins.Customers != 2 {
		t.Errorf("%v, %+v", got, joins)
	}
}

// Beyond the bounds anonymous ids stay anonymous, and are counted.
func TestBoundsOfJoins(t *testing.T) {
	var rows []string
	for i := range 10 {
		rows = append(rows, fmt.Sprintf("%d  a%d", 1_700_000_000+i, i), fmt.Sprintf("%d p%d a%d", 1_700_000_000+i, i, i))
	}
	shared := slices.Clone(rows)
	for i := range 10 {
		shared = append(shared, fmt.Sprintf("%d q%d a%d", 1_600_000_000+i, i, i))
	}
	for _, test := range []struct {
		name   string
		rows   []string
		bounds joinBounds
		joined int
		beyond int64
		row    int64
	}{
		{"none", rows, joinBounds{100, 100, 1000, 100}, 10, 0, 0},
		{"ids", rows, joinBounds{4, 100, 1000, 100}, 4, 6, 10},
		{"names", rows, joinBounds{100, 100, 12, 100}, 4, 6, 10},
		{"shared ids", shared, joinBounds{100, 3, 1000, 100}, 3, 7, 24},
		{"sign-ins", shared, joinBounds{100, 100, 1000, 5}, 2, 8, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := mustMapping(t, strings.Replace(bothIDs, "[unix]", "[unix], outliers: keep", 1))
			source := textSource("events", visits(test.rows...))
			line, _, err := ReadTimeline(source, m, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			j := newJoiner(m)
			j.bounds = test.bounds
			if err := j.read(source, m, line, j.add); err != nil {
				t.Fatal(err)
			}
			joins, err := j.finish(source, m, line)
			if err != nil {
				t.Fatal(err)
			}
			joined := 0
			for _, row := range readRows(t, m, visits(test.rows...), ReadOptions{Timeline: line, Joins: joins}) {
				if event, err := decode(row.Body); err == nil && !bytes.HasPrefix(event.Customer, []byte("anonymous:")) && bytes.HasPrefix(event.AnonymousID, []byte("a")) {
					joined++
				}
			}
			if joined -= len(test.rows) - 10; joined != test.joined {
				t.Errorf("%d rows are joined, want %d", joined, test.joined)
			}
			if joins.Beyond != test.beyond || joins.BeyondRow != test.row || (joins.BeyondID == "") != (test.beyond == 0) {
				t.Errorf("%d rows beyond, the first %d; want %d, %d", joins.Beyond, joins.BeyondRow, test.beyond, test.row)
			}
			if said := strings.Contains(strings.Join(joins.Words(), " "), "stay customers of their own"); said != (test.joined < 10) {
				t.Errorf("words %q", joins.Words())
			}
		})
	}
}

// drawnVisit is a row of the property test.
type drawnVisit struct {
	at                  int
	customer, anonymous string
}

// oracle says by looking at all rows whose a row is.
func (v drawnVisit) oracle(all []drawnVisit) string {
	if v.customer != "" {
		return v.customer
	}
	var first, before *drawnVisit
	people := make(map[string]bool)
	for i := range all {
		s := &all[i]
		if s.customer == "" || s.anonymous == "" || s.anonymous != v.anonymous {
			continue
		}
		people[s.customer] = true
		wins := func(than *drawnVisit, later bool) bool {
			return than == nil || s.at != than.at && s.at > than.at == later || s.at == than.at && s.customer < than.customer
		}
		if wins(first, false) {
			first = s
		}
		if s.at <= v.at && wins(before, true) {
			before = s
		}
	}
	switch {
	case first == nil || len(people) > maxPeople:
		return "anonymous:" + v.anonymous
	case before != nil:
		return before.customer
	}

	return first.customer
}

func TestJoinsAreThoseOfAnOracleInAnyOrder(t *testing.T) {
	m := mustMapping(t, bothIDs+"lateness: 1h\n")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "rows")
		people := rapid.SampledFrom([]int{1, 2, 3, 40}).Draw(t, "people")
		rows := make([]drawnVisit, n)
		for i := range rows {
			rows[i].at = 1_700_000_000 + rapid.IntRange(0, 50).Draw(t, "at")
			if rapid.Bool().Draw(t, "known") {
				rows[i].customer = fmt.Sprint("p", rapid.IntRange(1, people).Draw(t, "customer"))
			}
			if rows[i].customer == "" || rapid.Bool().Draw(t, "both") {
				rows[i].anonymous = fmt.Sprint("a", rapid.IntRange(1, 3).Draw(t, "anonymous"))
			}
		}
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		byTime := slices.Clone(order)
		slices.SortStableFunc(byTime, func(a, b int) int { return rows[a].at - rows[b].at })
		for _, order := range [][]int{order, byTime} {
			text := "at,user_id,device_id,event,id\n"
			for _, i := range order {
				text += fmt.Sprintf("%d,%s,%s,page.viewed,e%d\n", rows[i].at, rows[i].customer, rows[i].anonymous, i)
			}
			got, _ := who(t, m, text)
			for i := range rows {
				if want := rows[i].oracle(rows); got[fmt.Sprint("e", i)] != want {
					t.Fatalf("row e%d is %q's, want %q:\n%s", i, got[fmt.Sprint("e", i)], want, text)
				}
			}
		}
	})
}

// Whatever the order of publishing, and however often it is begun anew, whose
// the rows are is the same.
func TestAnImportJoinsTheSameInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var rows []string
	for i := range 400 {
		customer := ""
		if r.IntN(4) == 0 {
			customer = fmt.Sprint("p", r.IntN(6))
		}
		rows = append(rows, fmt.Sprintf("%d %s a%d", 1_700_000_000+60*i, customer, r.IntN(10)))
	}
	file := visits(rows...)
	lines := strings.SplitAfter(file, "\n")
	slices.Reverse(lines[1:])
	of := func(text string, o Options) []string {
		o.Partitions, o.Lateness = 4, time.Hour
		p := mustPlan(t, textSource("events", text), mustMapping(t, bothIDs), o)
		var events []string
		for _, step := range readAll(t, mustOpen(t, p, 0)) {
			if step.Row {
				events = append(events, fmt.Sprint(step.Record.Partition, " ", string(step.Record.Data)))
			}
		}
		slices.Sort(events)

		return slices.Compact(events)
	}
	want := of(file, Options{})
	if joined := strings.Count(strings.Join(want, "\n"), `"customer"`); joined != 400 {
		t.Fatalf("%d of 400 rows have a customer", joined)
	}
	for name, got := range map[string][]string{
		"again": of(file, Options{}), "chaos": of(file, Options{Chaos: true, Seed: 3}), "twice": of(file, Options{Twice: true}),
		"newest first": of(strings.Join(lines, ""), Options{}),
	} {
		if !slices.Equal(got, want) {
			t.Errorf("%s: other rows", name)
		}
	}
}
