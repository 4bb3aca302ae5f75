package replay

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"
)

const fiveRows = `event_time,customer_id,event_type,value
2004-10-19T00:00:00Z,anna,order.completed,5
2004-10-20T00:00:00Z,bert,page.viewed,
2004-10-20T00:00:00Z,bert,page.viewed,
never,anna,page.viewed,
2004-10-19T12:00:00Z,carl,page.viewed,
`

// script writes steps as lines that a person can read.
func script(steps []Step) []string {
	var lines []string
	for _, step := range steps {
		what := "row "
		if !step.Row {
			what = step.Record.Control.String() + " "
		}
		line := fmt.Sprintf("%s | %d | %s%s", time.UnixMilli(step.Record.Clock).UTC().Format("02 15:04"), step.Record.Partition, what, step.Record.Data)
		if step.Await > 0 {
			line += fmt.Sprintf(" | behind answer %d", step.Await)
		}
		lines = append(lines, line)
	}

	return lines
}

func TestSequenceOfAnImport(t *testing.T) {
	p := mustPlan(t, textSource("five.csv", fiveRows), shippedMapping(t, "csv"), Options{Partitions: 2, TickRows: 2, CoordinateRows: 4})
	p.Import, p.Identity.Digest = "i", "d"
	want := strings.Split(strings.TrimSpace(`
19 00:00 | 0 | start {"import":"i","source":"five.csv","shift_ms":0}
19 00:00 | 1 | start {"import":"i","source":"five.csv","shift_ms":0}
19 00:00 | 1 | row {"id":"d-1","time":"2004-10-19T00:00:00.000Z","customer":"anna","type":"order.completed","value":5}
20 00:00 | 0 | row {"id":"d-2","time":"2004-10-20T00:00:00.000Z","customer":"bert","type":"page.viewed"}
20 00:00 | 0 | tick {}
20 00:00 | 1 | tick {}
20 00:00 | 0 | row {"id":"d-3","time":"2004-10-20T00:00:00.000Z","customer":"bert","type":"page.viewed"}
20 00:00 | 1 | row {"id":"d-4","time":"never","customer":"anna","type":"page.viewed"}
20 00:00 | 0 | tick {"coordinate":1}
20 00:00 | 1 | tick {"coordinate":1}
20 00:00 | 1 | row {"id":"d-5","time":"2004-10-19T12:00:00.000Z","customer":"carl","type":"page.viewed"}
20 00:00 | 0 | tick {"coordinate":2} | behind answer 1
20 00:00 | 1 | tick {"coordinate":2}
20 00:00 | 0 | tick {"last":true} | behind answer 2
20 00:00 | 1 | tick {"last":true}
`), "\n")
	if got := script(readAll(t, mustOpen(t, p, 0))); !slices.Equal(got, want) {
		t.Errorf("sequence\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestShiftedImportEndsNow(t *testing.T) {
	p := mustPlan(t, textSource("five.csv", fiveRows), shippedMapping(t, "csv"), Options{Partitions: 2, TickRows: 5, CoordinateRows: 5, ShiftToNow: true})
	p.Import, p.Identity.Digest = "i", "d"
	shift := p.Shift(time.Date(2004, 10, 30, 6, 0, 0, 0, time.UTC))
	want := strings.Split(strings.TrimSpace(`
29 06:00 | 0 | start {"import":"i","source":"five.csv","shift_ms":885600000}
29 06:00 | 1 | start {"import":"i","source":"five.csv","shift_ms":885600000}
29 06:00 | 1 | row {"id":"d-1","time":"2004-10-29T06:00:00.000Z","customer":"anna","type":"order.completed","value":5}
30 06:00 | 0 | row {"id":"d-2","time":"2004-10-30T06:00:00.000Z","customer":"bert","type":"page.viewed"}
30 06:00 | 0 | row {"id":"d-3","time":"2004-10-30T06:00:00.000Z","customer":"bert","type":"page.viewed"}
30 06:00 | 1 | row {"id":"d-4","time":"never","customer":"anna","type":"page.viewed"}
30 06:00 | 1 | row {"id":"d-5","time":"2004-10-29T18:00:00.000Z","customer":"carl","type":"page.viewed"}
30 06:00 | 0 | tick {"coordinate":1}
30 06:00 | 1 | tick {"coordinate":1}
30 06:00 | 0 | tick {"last":true} | behind answer 1
30 06:00 | 1 | tick {"last":true}
30 06:00 | 0 | end {"import":"i","aborted":false}
30 06:00 | 1 | end {"import":"i","aborted":false}
`), "\n")
	if got := script(readAll(t, mustOpen(t, p, shift))); !slices.Equal(got, want) {
		t.Errorf("sequence\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	frozen := mustPlan(t, textSource("five.csv", fiveRows), shippedMapping(t, "csv"), Options{Partitions: 2})
	if frozen.Shift(time.Now()) != 0 || frozen.Rows() != 5 {
		t.Errorf("shift %d, about %d rows", frozen.Shift(time.Now()), frozen.Rows())
	}
}

func TestQuestionsFollowTheLengthOfTheHistory(t *testing.T) {
	for _, test := range []struct {
		rows     int64
		tickRows int
		want     int
	}{
		{0, 0, 1000}, {30_000, 0, 1000}, {75_000, 0, 1250}, {1_000_000, 0, 16_666}, {100_000_000, 0, 25_000},
		{0, 5000, 5000}, {75_000, 5000, 5000}, {600_000, 5000, 10_000}, {899_999, 5000, 10_000},
		{1_500_000, 5000, 25_000}, {100_000_000, 5000, 25_000}, {100_000_000, 40_000, 40_000}, {6000, 7, 994},
	} {
		options := Options{TickRows: test.tickRows}
		if options.ask(test.rows); options.CoordinateRows != test.want {
			t.Errorf("%d rows, a tick every %d: a question every %d, want %d", test.rows, test.tickRows, options.CoordinateRows, test.want)
		}
	}
	asked := Options{TickRows: 1, CoordinateRows: 7}
	if asked.ask(1_000_000); asked.CoordinateRows != 7 {
		t.Errorf("a question every %d rows, want 7 as set", asked.CoordinateRows)
	}
}

func TestImportIsKnownByFileMappingAndOptions(t *testing.T) {
	m := shippedMapping(t, "csv")
	base := mustPlan(t, textSource("a.csv", fiveRows), m, Options{Partitions: 2})
	packed := mustPlan(t, textSource("b.csv.gz", gzipped(t, fiveRows)), m, Options{Partitions: 2, TickRows: 1000, CoordinateRows: 1000})
	if base.Import != packed.Import || len(base.Import) != 16 {
		t.Errorf("the same content is import %s and %s", base.Import, packed.Import)
	}
	other := shippedMapping(t, "csv")
	other.Rest = RestDrop
	for name, p := range map[string]*Plan{
		"content":    mustPlan(t, textSource("a.csv", fiveRows+"\n"), m, Options{Partitions: 2}),
		"mapping":    mustPlan(t, textSource("a.csv", fiveRows), other, Options{Partitions: 2}),
		"partitions": mustPlan(t, textSource("a.csv", fiveRows), m, Options{Partitions: 3}),
		"order":      mustPlan(t, textSource("a.csv", fiveRows), m, Options{Partitions: 2, Chaos: true}),
	} {
		if p.Import == base.Import {
			t.Errorf("another %s is the same import", name)
		}
	}
}

func TestPlanRefusesWhatItCannotKeep(t *testing.T) {
	m := shippedMapping(t, "csv")
	for _, test := range []struct {
		options Options
		want    string
	}{
		{Options{}, "partitions is 0"},
		{Options{Partitions: 1, TickRows: -1}, "tick rows is -1"},
		{Options{Partitions: 1, TickRows: 3, CoordinateRows: 4}, "a multiple of the tick rows, 3"},
		{Options{Partitions: 1, Skew: -1}, "neither may be negative"},
	} {
		_, err := NewPlan(textSource("a.csv", fiveRows), m, test.options)
		wantError(t, err, test.want)
	}
	for _, text := range []string{"event_time,customer_id,event_type,value\n", "event_time,customer_id,event_type,value\nnever,a,x,\n"} {
		if _, err := NewPlan(textSource("a.csv", text), m, Options{Partitions: 1}); !errors.Is(err, ErrNoRows) {
			t.Errorf("%q: error %v, want %v", text, err, ErrNoRows)
		}
	}
	_, err := NewPlan(textSource("a.csv", "who\n"), m, Options{Partitions: 1})
	wantError(t, err, "no column")
	torn := gzipped(t, fiveRows)
	_, err = NewPlan(textSource("a.csv.gz", torn[:40]), m, Options{Partitions: 1})
	wantError(t, err, "a.csv.gz")
}

// history makes a file: times walk forward with steps and lags, some rows have
// no readable time, some bring an id along.
func history(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("id,event_time,customer_id,event_type,known\n")
	at := time.Date(2004, 10, 19, 0, 0, 0, 0, time.UTC)
	for i := range rapid.IntRange(1, 150).Draw(t, "rows") {
		at = at.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "step")) * time.Second)
		lag := time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 5, 9, 30, -2, -20}).Draw(t, "lag")) * time.Minute
		when := at.Add(-lag).Format(time.RFC3339)
		if i > 0 && rapid.IntRange(0, 20).Draw(t, "broken") == 0 {
			when = "broken"
		}
		id := rapid.SampledFrom([]string{"", "", "", "x", "y"}).Draw(t, "id")
		fmt.Fprintf(&b, "%s,%s,c%d,page.viewed,%s\n", id, when, rapid.IntRange(0, 5).Draw(t, "who"), at.Format(time.RFC3339))
	}

	return b.String()
}

const historyMapping = "name: history\nfields: {id: id, time: event_time, customer: customer_id, type: event_type, arrival: known}\n"

// stepsOf is the rows of a plan's sequence.
func stepsOf(t *rapid.T, p *Plan) []Step {
	s, err := p.Open(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var rows []Step
	for {
		step, err := s.Next()
		if err != nil {
			return rows
		}
		if step.Row {
			rows = append(rows, step)
		}
	}
}

// shardVerdict is what a shard says of a record, by its body and clock alone.
func shardVerdict(step Step, lateness, skew time.Duration) string {
	event, err := decode(step.Record.Data)
	switch {
	case err != nil:
		return err.Error()
	case event.Time > step.Record.Clock+skew.Milliseconds():
		return "too far ahead"
	case event.Time < step.Record.Clock-lateness.Milliseconds():
		return "late"
	}

	return "in time"
}

func TestChaosChangesTheOrderAndNothingElse(t *testing.T) {
	m := mustMapping(t, historyMapping)
	rapid.Check(t, func(t *rapid.T) {
		source := textSource("h.csv", history(t))
		options := Options{Partitions: 3, Lateness: 8 * time.Minute, Skew: 5 * time.Minute, Seed: rapid.Uint64().Draw(t, "seed")}
		plain, err := NewPlan(source, m, options)
		options.Chaos = true
		chaos, err2 := NewPlan(source, m, options)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		before, after, again := stepsOf(t, plain), stepsOf(t, chaos), stepsOf(t, chaos)
		if !slices.Equal(script(after), script(again)) {
			t.Fatal("two readings differ")
		}
		if len(before) != len(after) {
			t.Fatalf("%d rows, %d before", len(after), len(before))
		}
		type seen struct {
			verdict   string
			partition int
		}
		// Rows may be equal to the byte; they keep their order.
		want, order := make(map[string][]seen), make(map[string][]string)
		key := func(step Step) string {
			event, _ := decode(step.Record.Data)

			return string(event.Customer) + " " + string(event.ID)
		}
		for _, step := range before {
			body := string(step.Record.Data)
			want[body] = append(want[body], seen{shardVerdict(step, options.Lateness, options.Skew), step.Record.Partition})
			order[key(step)] = append(order[key(step)], string(step.Record.Data))
		}
		for i, step := range after {
			if step.Record.Clock != before[i].Record.Clock {
				t.Fatalf("row %d has clock %d, before %d", i, step.Record.Clock, before[i].Record.Clock)
			}
			verdicts := want[string(step.Record.Data)]
			if got := (seen{shardVerdict(step, options.Lateness, options.Skew), step.Record.Partition}); got != verdicts[0] {
				t.Fatalf("%s is %v, before %v", step.Record.Data, got, verdicts[0])
			}
			want[string(step.Record.Data)] = verdicts[1:]
			if same := order[key(step)]; same[0] != string(step.Record.Data) && strings.Contains(string(step.Record.Data), `"id":"x"`) {
				t.Fatalf("%s comes before %s", step.Record.Data, same[0])
			} else {
				order[key(step)] = same[1:]
			}
		}
		sorted := func(steps []Step) []string {
			var bodies []string
			for _, step := range steps {
				bodies = append(bodies, string(step.Record.Data))
			}
			slices.Sort(bodies)

			return bodies
		}
		if !slices.Equal(sorted(before), sorted(after)) {
			t.Fatal("the rows are not the same")
		}
	})
}

func TestChaosMovesRowsFar(t *testing.T) {
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type,value\n")
	at := time.Date(2004, 10, 19, 0, 0, 0, 0, time.UTC)
	for i := range 2000 {
		fmt.Fprintf(&b, "%s,c%d,x,\n", at.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), i)
	}
	// How far rows can go follows from the skew: where one is delayed, those
	// in between come before their time.
	for _, test := range []struct {
		skew         time.Duration
		moved, hours int
	}{{5 * time.Minute, 1000, 5}, {6 * time.Hour, 1900, 500}} {
		p := mustPlan(t, textSource("dense.csv", b.String()), shippedMapping(t, "csv"),
			Options{Partitions: 1, Chaos: true, Seed: 7, Lateness: 12 * time.Hour, Skew: test.skew})
		moved, hours := 0, 0
		for _, step := range readAll(t, mustOpen(t, p, 0)) {
			if !step.Row {
				continue
			}
			event, err := decode(step.Record.Data)
			if err != nil {
				t.Fatal(err)
			}
			if event.Time != step.Record.Clock {
				moved++
			}
			if step.Record.Clock-event.Time > 2*3_600_000 {
				hours++
			}
		}
		if moved < test.moved || hours < test.hours {
			t.Errorf("skew %v: %d of 2000 rows have moved, want %d; %d of them by more than two hours, want %d", test.skew, moved, test.moved, hours, test.hours)
		}
	}
}

// Copies may only be duplicates, or late, or refused like the row itself.
func TestTwicePublishesCopiesThatChangeNothing(t *testing.T) {
	m := mustMapping(t, historyMapping)
	rapid.Check(t, func(t *rapid.T) {
		source := textSource("h.csv", history(t))
		options := Options{Partitions: 3, Lateness: 3 * time.Hour, Skew: 5 * time.Minute, Seed: rapid.Uint64().Draw(t, "seed"), Chaos: rapid.Bool().Draw(t, "chaos")}
		once, err := NewPlan(source, m, options)
		options.Twice = true
		twice, err2 := NewPlan(source, m, options)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		// Rows may be equal to the byte and differ in their verdicts, so that
		// these are counted: by body, then by verdict.
		count := func(steps []Step) map[string]map[string]int {
			counts := make(map[string]map[string]int)
			for _, step := range steps {
				body := string(step.Record.Data)
				if counts[body] == nil {
					counts[body] = make(map[string]int)
				}
				counts[body][shardVerdict(step, options.Lateness, options.Skew)]++
			}

			return counts
		}
		steps := stepsOf(t, twice)
		if !slices.IsSortedFunc(steps, func(a, b Step) int { return cmp.Compare(a.Record.Clock, b.Record.Clock) }) {
			t.Fatal("the clock goes back")
		}
		if uint64(len(steps)) != twice.Rows() {
			t.Fatalf("%d rows, want %d", len(steps), twice.Rows())
		}
		rows, copied := count(stepsOf(t, once)), count(steps)
		if len(copied) != len(rows) {
			t.Fatalf("%d different rows, want %d", len(copied), len(rows))
		}
		for body, verdicts := range rows {
			got, missing := copied[body], 0
			for verdict, n := range verdicts {
				missing += 2 * n
				if got[verdict] < n {
					t.Fatalf("%s is %v, and published twice %v", body, verdicts, got)
				}
			}
			for verdict, n := range got {
				missing -= n
				if n > 2*verdicts[verdict] && verdict != "late" {
					t.Fatalf("%s is %v, and published twice %v", body, verdicts, got)
				}
			}
			if missing != 0 {
				t.Fatalf("%s is published %d times too few", body, missing)
			}
		}
	})
}

func TestTwicePutsHalfOfTheCopiesHoursLater(t *testing.T) {
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type,value\n")
	at := time.Date(2004, 10, 19, 0, 0, 0, 0, time.UTC)
	for i := range 1000 {
		fmt.Fprintf(&b, "%s,c%d,x,\n", at.Add(time.Duration(i)*10*time.Minute).Format(time.RFC3339), i)
	}
	p := mustPlan(t, textSource("t.csv", b.String()), shippedMapping(t, "csv"), Options{Partitions: 1, Twice: true, Lateness: time.Hour, Skew: time.Minute})
	first := make(map[string]int64)
	next, hours := 0, 0
	for _, step := range readAll(t, mustOpen(t, p, 0)) {
		if !step.Row {
			continue
		}
		clock, again := first[string(step.Record.Data)]
		if !again {
			first[string(step.Record.Data)] = step.Record.Clock
		} else if wait := step.Record.Clock - clock; wait == 0 {
			next++
		} else if wait >= 3_600_000 {
			hours++
		}
	}
	if next+hours < 990 || next < 400 || hours < 400 {
		t.Errorf("%d copies next to their rows, %d hours later, of 1000", next, hours)
	}
}

func TestTickBodiesAreThoseThatShardsRead(t *testing.T) {
	p := mustPlan(t, textSource("five.csv", fiveRows), shippedMapping(t, "csv"), Options{Partitions: 2, TickRows: 1, CoordinateRows: 2, ShiftToNow: true})
	var asked []uint64
	for _, step := range readAll(t, mustOpen(t, p, 0)) {
		if step.Record.Lane != event.LaneHistory {
			t.Fatalf("lane %d", step.Record.Lane)
		}
		switch step.Record.Control {
		case event.ControlTick:
			var mark fact.TickMark
			if err := json.Unmarshal(step.Record.Data, &mark); err != nil {
				t.Fatal(err)
			}
			if step.Await > 0 && (mark.Coordinate > 0 && mark.Coordinate != step.Await+1 || step.Record.Partition != 0) {
				t.Errorf("answer %d before %s of partition %d", step.Await, step.Record.Data, step.Record.Partition)
			}
			if step.Await > 0 {
				asked = append(asked, step.Await)
			}
		case event.ControlStart:
			var mark fact.StartMark
			if err := json.Unmarshal(step.Record.Data, &mark); err != nil || mark.Import != p.Import {
				t.Errorf("start mark %s: %v", step.Record.Data, err)
			}
		case event.ControlEnd:
			var mark fact.EndMark
			if err := json.Unmarshal(step.Record.Data, &mark); err != nil || mark.Import != p.Import || mark.Aborted {
				t.Errorf("end mark %s: %v", step.Record.Data, err)
			}
		}
	}
	if !slices.Equal(asked, []uint64{1, 2, 3}) {
		t.Errorf("asked %v", asked)
	}
}
