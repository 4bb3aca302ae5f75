package replay

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A wall clock for files of the past.
var wallClock = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func testLimits() Limits {
	return Limits{Lateness: 10 * time.Minute, Skew: 5 * time.Minute, Latest: wallClock.Add(5 * time.Minute).UnixMilli()}
}

// timesText is a CSV file of these times, a customer each five.
func timesText(times []time.Time) string {
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type\n")
	for i, at := range times {
		fmt.Fprintf(&b, "%s,c%d,order.completed\n", at.UTC().Format(time.RFC3339), i%5)
	}

	return b.String()
}

func mustTimeline(t testing.TB, m *Mapping, text string, limits Limits) *Timeline {
	t.Helper()
	line, _, err := ReadTimeline(textSource("events.csv", text), m, limits)
	if err != nil {
		t.Fatal(err)
	}

	return line
}

// every is n times, a step apart.
func every(begin time.Time, step time.Duration, n int) []time.Time {
	times := make([]time.Time, n)
	for i := range times {
		times[i] = begin.Add(time.Duration(i) * step)
	}

	return times
}

var spring2025 = time.Date(2025, 3, 1, 9, 0, 0, 0, time.UTC)

func TestTimelineRefusesRowsThatCannotBeBelieved(t *testing.T) {
	daily := func() []time.Time { return every(spring2025, 5*time.Hour, 300) }
	at := func(year int) time.Time { return time.Date(year, 1, 19, 3, 14, 7, 0, time.UTC) }
	put := func(row int, values ...time.Time) []time.Time {
		return slices.Replace(daily(), row-1, row-1+len(values), values...)
	}
	same := func(n int, value time.Time) []time.Time { return slices.Repeat([]time.Time{value}, n) }
	add := slices.Concat[[]time.Time]
	for name, test := range map[string]struct {
		times   []time.Time
		refused []int64 // rows
		doubt   Doubt
	}{
		"all is well":                          {times: daily()},
		"2038 in between":                      {put(51, at(2038)), []int64{51}, Future},
		"2038 first":                           {put(1, at(2038)), []int64{1}, Future},
		"2038 last":                            {put(300, at(2038)), []int64{300}, Future},
		"2038 in a row":                        {put(51, same(9, at(2038))...), []int64{51, 52, 53, 54, 55, 56, 57, 58, 59}, Future},
		"tomorrow":                             {put(300, wallClock.Add(24*time.Hour)), []int64{300}, Future},
		"1970 in between":                      {put(51, at(1970)), []int64{51}, Unset},
		"1970 first":                           {put(1, at(1970)), []int64{1}, Unset},
		"1970 last":                            {put(300, at(1970)), []int64{300}, Unset},
		"a year ahead":                         {put(51, at(2026)), []int64{51}, Astray},
		"a year ahead, several in a row":       {put(51, same(12, at(2026))...), []int64{51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62}, Astray},
		"a year ahead, first":                  {put(1, at(2026)), []int64{1}, Astray},
		"a year ahead, last but one":           {put(299, at(2026)), []int64{299}, Astray},
		"a week ahead":                         {put(51, daily()[50].Add(7*24*time.Hour)), []int64{51}, Astray},
		"years back":                           {put(51, at(2000)), []int64{51}, Astray},
		"years back, first":                    {put(1, at(2000)), []int64{1}, Alone},
		"years back, last":                     {put(300, at(2000)), []int64{300}, Astray},
		"here and there":                       {slices.Replace(put(20, at(2026)), 199, 200, at(2001)), []int64{20, 200}, Astray},
		"history of years ago, one row now":    {slices.Replace(every(at(2012), time.Hour, 200), 199, 200, at(2025)), []int64{200}, Alone},
		"a pause of years":                     {times: add(every(at(2015), time.Hour, 150), every(at(2022), time.Hour, 150))},
		"a pause of years, few rows behind":    {times: add(every(at(2015), time.Hour, 150), every(at(2022), time.Hour, 20))},
		"a pause of years, few rows before":    {times: add(every(at(2015), time.Hour, 20), every(at(2022), time.Hour, 150))},
		"a row every two years":                {times: every(at(2000), 2*365*24*time.Hour, 13)},
		"few rows with long pauses":            {times: []time.Time{at(2009), at(2010), at(2015), at(2016), at(2024)}},
		"two rows":                             {times: []time.Time{at(2009), at(2024)}},
		"some rows late by days":               {times: put(51, daily()[20])},
		"a row that comes a month late":        {times: put(200, daily()[50])},
		"rows an hour ahead, as clocks wander": {times: put(51, daily()[50].Add(6*time.Hour))},
	} {
		t.Run(name, func(t *testing.T) {
			m := shippedMapping(t, "csv")
			text := timesText(test.times)
			line := mustTimeline(t, m, text, testLimits())
			if line.Sorted {
				t.Error("the file is to be sorted")
			}
			if got := line.Distrusted(); got != int64(len(test.refused)) || len(test.refused) > 0 && line.Refused[test.doubt] == 0 {
				t.Errorf("%d rows can't be believed, by doubt %v; want %v by doubt %v", got, line.Refused, test.refused, test.doubt)
			}
			var refused []int64
			clock := int64(0)
			for _, row := range readRows(t, m, text, ReadOptions{Timeline: line, Clock: line.First}) {
				if row.Doubt != Believed {
					refused = append(refused, row.Number)
					wantError(t, row.Problem, "row", row.Doubt.reason(), row.Doubt.remedy())
					if _, err := decode(row.Body); err == nil {
						t.Errorf("a shard takes %s", row.Body)
					}
				} else if _, err := decode(row.Body); err != nil {
					t.Errorf("a shard refuses %s: %v", row.Body, err)
				}
				clock = row.Clock
			}
			if !slices.Equal(refused, test.refused) {
				t.Errorf("rows %v are refused, want %v", refused, test.refused)
			}
			if clock != line.Last {
				t.Errorf("the last clock is %d, the timeline says %d", clock, line.Last)
			}
		})
	}
}

// A row's arrival is its clock, and poisons time as much.
func TestTimelineLooksAtArrivals(t *testing.T) {
	text := "event_time,arrival_time,customer_id,event_type\n"
	for i, at := range every(spring2025, time.Hour, 100) {
		arrival := at.Add(time.Minute)
		if i == 40 {
			arrival = arrival.AddDate(13, 0, 0)
		}
		if i == 60 {
			arrival = time.Unix(0, 0)
		}
		text += fmt.Sprintf("%s,%s,c%d,order.completed\n", at.Format(time.RFC3339), arrival.UTC().Format(time.RFC3339), i)
	}
	m := shippedMapping(t, "csv")
	line := mustTimeline(t, m, text, testLimits())
	if line.Refused[Future] != 1 || line.Refused[Unset] != 1 || line.Distrusted() != 2 {
		t.Errorf("refused by doubt: %v", line.Refused)
	}
	rows := readRows(t, m, text, ReadOptions{Timeline: line, Clock: line.First})
	for i := range rows {
		if (rows[i].Doubt != Believed) != (i == 40 || i == 60) {
			t.Errorf("row %d: doubt %v", i+1, rows[i].Doubt)
		}
	}
	wantError(t, rows[40].Problem, "column arrival_time", "beyond the wall clock")
}

// Native events keep their other members; only the time says why.
func TestTimelineRefusesNativeEvents(t *testing.T) {
	var text strings.Builder
	for i, at := range put(every(spring2025, time.Hour, 50), 20, time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)) {
		fmt.Fprintf(&text, `{"id":"e%d","time":%q,"received_at":%q,"customer":"c","type":"order.completed","x":{"time":1}}`+"\n", i, at.Format(time.RFC3339), at.Format(time.RFC3339))
	}
	m := shippedMapping(t, "native")
	line := mustTimeline(t, m, text.String(), testLimits())
	for _, shift := range []int64{0, 1000} {
		row := readRows(t, m, text.String(), ReadOptions{Timeline: line, Clock: line.First, ShiftMS: shift})[20]
		want := `{"id":"e20","time":"2038-01-01T00:00:00Z (beyond the wall clock)","received_at":`
		if !strings.HasPrefix(string(row.Body), want) || !strings.HasSuffix(string(row.Body), `"x":{"time":1}}`) {
			t.Errorf("the row is %s, want %s…", row.Body, want)
		}
	}
}

func put(times []time.Time, i int, at time.Time) []time.Time {
	times[i] = at

	return times
}

func TestOutliersMayBeKept(t *testing.T) {
	m := mustMapping(t, "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\ntime: {outliers: keep}\n")
	line := mustTimeline(t, m, timesText(put(every(spring2025, time.Hour, 100), 50, time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC))), testLimits())
	if line.Distrusted() != 0 || line.Last != time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() {
		t.Errorf("refused %v, last clock %d", line.Refused, line.Last)
	}
}

func TestWrongUnitIsCalledOut(t *testing.T) {
	m := mustMapping(t, "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\ntime: {formats: [unix_ms]}\n")
	text := "event_time,customer_id,event_type\n"
	for i := range 20 {
		text += fmt.Sprintf("%d,c,order.completed\n", 1740820000+i*3600)
	}
	_, err := NewPlan(textSource("sec.csv", text), m, Options{Partitions: 2})
	wantError(t, err, "1970", "unix_us", "time.formats", "outliers: keep")
	if !errors.Is(err, ErrWrongUnit) {
		t.Errorf("no ErrWrongUnit: %v", err)
	}
	if words := strings.Join(mustTimeline(t, m, text, Limits{}).Words(textSource("sec.csv", ""), m, Limits{}), " "); !strings.Contains(words, "1970") || !strings.Contains(words, "20 of 20") {
		t.Errorf("words: %s", words)
	}
	rows := readRows(t, m, "event_time,customer_id,event_type\n1740820000000000,c,order.completed\n", ReadOptions{})
	wantError(t, rows[0].Problem, "as unix_us it would be of our time")
}

func TestFormatsAreTriedInOrder(t *testing.T) {
	for _, formats := range [][]string{
		{"unix", "unix_ms", "unix_us"}, {"unix_us", "unix_ms", "unix"}, {"unix_ms", "unix", "unix_us", "unix_ns"}, {"unix_ns", "unix", "unix_us", "unix_ms"},
	} {
		p, err := Times{Formats: formats, Zone: "UTC"}.parser()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"1740820000", "1740820000000", "1740820000000000"} {
			if ms, ok := p.parse([]byte(text)); !ok || ms != 1740820000000 {
				t.Errorf("%v read %s as %d, %v", formats, text, ms, ok)
			}
		}
	}
}

// Files that are not in order give the same rows as those that are.
func TestUnsortedFilesAreSorted(t *testing.T) {
	sorted := every(spring2025, 7*time.Hour, 240)
	byCustomer := slices.Clone(sorted)
	slices.SortStableFunc(byCustomer, func(a, b time.Time) int { return int(a.Unix()/3600%5 - b.Unix()/3600%5) })
	newest := slices.Clone(sorted)
	slices.Reverse(newest)
	shuffled := slices.Clone(sorted)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	m := shippedMapping(t, "csv")
	for name, times := range map[string][]time.Time{
		"by customer": byCustomer, "newest first": newest, "shuffled": shuffled, "four rows": newest[:4], "two rows": newest[:2],
	} {
		t.Run(name, func(t *testing.T) {
			text := timesText(times)
			line := mustTimeline(t, m, text, testLimits())
			if !line.Sorted || line.Distrusted() != 0 {
				t.Fatalf("sorted %v, refused %v", line.Sorted, line.Refused)
			}
			if words := strings.Join(line.Words(textSource("f.csv", ""), m, testLimits()), " "); !strings.Contains(words, "sorted by time before") {
				t.Errorf("words: %s", words)
			}
			rows := readRows(t, m, text, ReadOptions{Timeline: line, Clock: line.First})
			inOrder := slices.Clone(times)
			slices.SortFunc(inOrder, time.Time.Compare)
			for i, row := range rows {
				if row.Time != inOrder[i].UnixMilli() || row.Clock != row.Time || !strings.Contains(string(row.Body), fmt.Sprintf(`"id":"-%d"`, row.Number)) {
					t.Fatalf("row %d at place %d has time %d and clock %d: %s", row.Number, i, row.Time, row.Clock, row.Body)
				}
			}
			if len(rows) != len(times) {
				t.Errorf("%d rows, want %d", len(rows), len(times))
			}
		})
	}
}

// A single wrong date in a file that is sorted by customer is found, too.
func TestOutlierOfAnUnsortedFile(t *testing.T) {
	newest := every(spring2025, 7*time.Hour, 240)
	slices.Reverse(newest)
	newest[100] = time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	newest[120] = time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
	line := mustTimeline(t, shippedMapping(t, "csv"), timesText(newest), testLimits())
	if !line.Sorted || line.Refused[Alone] != 1 || line.Refused[Future] != 1 || line.Distrusted() != 2 {
		t.Errorf("sorted %v, refused %v", line.Sorted, line.Refused)
	}
}

func TestOrderIsASetting(t *testing.T) {
	newest := every(spring2025, 7*time.Hour, 40)
	slices.Reverse(newest)
	for order, want := range map[string]bool{"auto": true, "file": false, "time": true} {
		m := mustMapping(t, "name: m\nfields: {time: event_time, customer: customer_id, type: event_type}\ntime: {order: "+order+"}\n")
		if line := mustTimeline(t, m, timesText(newest), testLimits()); line.Sorted != want {
			t.Errorf("order %s: sorted %v", order, line.Sorted)
		}
	}
	_, err := ParseMapping([]byte("name: m\nfields: {time: t, customer: c, type: y}\ntime: {order: tim, outliers: kep}\n"))
	wantError(t, err, "time.order", "did you mean time?", "time.outliers", "did you mean keep?")
}

// Whatever the parts on disk are, rows come out as a stable sort has them, with
// everything that they had.
func TestSortSpillsToDisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &sortedRows{limit: rapid.IntRange(1, 2000).Draw(t, "limit"), bad: new(int64)}
		defer s.close()
		var want []Row
		for i := range rapid.IntRange(0, 60).Draw(t, "rows") {
			row := Row{
				Number: int64(i + 1), Time: rapid.Int64Range(0, 9).Draw(t, "time"), Timed: i%2 == 0, OwnID: i%3 == 0, Mapped: i%5 > 0, HasAmount: i%7 > 0,
				Customer: []byte("c"), Type: []byte(strings.Repeat("t", i%4)), Body: []byte(fmt.Sprint("body", i)), Doubt: Doubt(i % 3),
				key: rapid.Int64Range(1, 9).Draw(t, "key"), line: int64(i + 2), ID: []byte{}, Kind: []byte{},
			}
			if i%4 == 0 {
				row.Problem = errors.New("wrong")
			}
			if err := s.add(&row); err != nil {
				t.Fatal(err)
			}
			row.Clock = row.key
			want = append(want, row)
		}
		slices.SortStableFunc(want, func(a, b Row) int { return int(a.key - b.key) })
		if err := s.merge(); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			var row Row
			if err := s.next(&row); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%+v", row); got != fmt.Sprintf("%+v", want[i]) {
				t.Fatalf("row %d is %s, want %+v", i, got, want[i])
			}
		}
	})
}

// Local times that exist twice are told apart by the order of the file.
func TestClockChanges(t *testing.T) {
	m := mustMapping(t, `
name: berlin
fields: {time: event_time, customer: customer_id, type: event_type}
time: {formats: ["2006-01-02 15:04"], zone: Europe/Berlin}
`)
	for name, test := range map[string]struct{ local, want string }{
		"in order":         {"25 01:50,25 02:00,25 02:30,25 02:50,25 02:00,25 02:30,25 03:00", "23:50,00:00,00:30,00:50,01:00,01:30,02:00"},
		"newest first":     {"25 03:00,25 02:30,25 02:00,25 02:50,25 02:30,25 02:00,25 01:50", "02:00,01:30,01:00,00:50,00:30,00:00,23:50"},
		"nothing tells":    {"25 01:50,25 02:10,25 02:40,25 03:00", "23:50,?,?,02:00"},
		"a single row":     {"25 02:10", "?"},
		"from the middle":  {"25 02:10,25 02:40,25 02:05,25 03:00", "00:10,00:40,01:05,02:00"},
		"up to the middle": {"25 01:10,25 02:40,25 02:05", "23:10,00:40,01:05"},
		"turns twice":      {"25 01:50,25 02:40,25 02:10,25 02:40,25 02:10,25 03:00", "23:50,?,?,?,?,02:00"},
		"two customers":    {"25 03:10,25 02:10,25 02:40,26 02:00,25 01:10,25 02:20,25 02:05", "02:10,?,?,01:00,23:10,00:20,01:05"},
		"jitter tells not": {"25 01:50,25 02:40,25 02:38,25 03:00", "23:50,?,?,02:00"},
		"other days":       {"24 02:30,26 02:30", "00:30,01:30"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "event_time,customer_id,event_type\n"
			for _, at := range strings.Split(test.local, ",") {
				text += "2026-10-" + at + ",c,order.completed\n"
			}
			line := mustTimeline(t, m, text, Limits{Lateness: 10 * time.Minute})
			var got []string
			line.Sorted = false // the order of the file is what is compared
			for _, row := range readRows(t, m, text, ReadOptions{Timeline: line, Clock: line.First}) {
				if row.Doubt == Unclear {
					got = append(got, "?")
					wantError(t, row.Problem, "there twice", "offset from UTC")

					continue
				}
				got = append(got, time.UnixMilli(row.Time).UTC().Format("15:04"))
			}
			if all := strings.Join(got, ","); all != test.want {
				t.Errorf("%s is read as %s, want %s", test.local, all, test.want)
			}
			if n := int64(strings.Count(test.want, "?")); line.Refused[Unclear] != n {
				t.Errorf("%d are counted as unclear, want %d", line.Refused[Unclear], n)
			}
		})
	}
	line := mustTimeline(t, m, "event_time,customer_id,event_type\n2026-03-29 01:30,c,a\n2026-03-29 02:10,c,a\n2026-03-29 03:00,c,a\n", Limits{})
	if line.Refused[Nowhere] != 1 || line.Distrusted() != 1 {
		t.Errorf("a time that doesn't exist: %v", line.Refused)
	}
}

// Local times are what the time package makes of them, where there is one.
func TestLocalZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "UTC", "Pacific/Apia"}).Draw(t, "zone")
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zone := newLocalZone(location)
		for range 20 {
			at := time.Unix(rapid.Int64Range(0, 5e9).Draw(t, "at"), 0).In(location)
			_, offset := at.Zone()
			r := zone.read(at.Unix()+int64(offset), 0)
			if r.state == noTime || r.state == skippedTime || r.ms != at.UnixMilli() && r.again != at.UnixMilli() {
				t.Fatalf("%v is read as %+v", at, r)
			}
		}
	})
}
