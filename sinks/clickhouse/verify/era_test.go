package verify_test

import (
	"fmt"
	"slices"
	"testing"

	"ebb/pipeline/event"
)

// After streams were made anew their versions begin at 1 again, and the rows of
// the former ones are still there: more of them, of customers and times that the
// new stream does not have, and with higher versions.
func TestRowsOfAFormerEraDoNotCount(t *testing.T) {
	c := measured()
	former := newStream(31, c)
	former.history(3_000, false)
	p := prove(t, c, former.records)

	c.Partitions = 2 // those of partition 2 are nobody's now
	again := newStream(32, c)
	again.history(800, false)
	next := proveIn(t, p.conn, c, begin, again.records)
	next.expectOK(t, next.run(t))

	for what, query := range map[string]string{
		"a customer at risk twice, or one of the former era": "SELECT count() FROM v_at_risk WHERE customer NOT IN (SELECT customer FROM signals WHERE era > toDateTime64(0, 3, 'UTC'))",
		"signals of the former era":                          "SELECT count() FROM v_signals WHERE era = toDateTime64(0, 3, 'UTC')",
		"levels that don't add up to the customers":          "SELECT toUInt64(ifNull(argMax(healthy + cooling + at_risk + lapsed, time) != (SELECT sum(n) FROM (SELECT argMax(healthy + cooling + at_risk + lapsed, time) AS n FROM levels WHERE era > toDateTime64(0, 3, 'UTC') GROUP BY partition)), 1)) FROM v_levels",
		"a clock of the former era":                          "SELECT countIf(partitions != 2) FROM v_clock",
	} {
		var found uint64
		if err := p.conn.QueryRow(t.Context(), query).Scan(&found); err != nil {
			t.Errorf("%s: %v", what, err)
		} else if found != 0 {
			t.Errorf("%s: %d", what, found)
		}
	}

	// The proof sees it if readers take rows of the former era.
	if err := p.conn.Exec(t.Context(), "CREATE OR REPLACE VIEW valid_rollups_kind AS SELECT * FROM rollups_kind FINAL"); err != nil {
		t.Fatal(err)
	}
	if found := find(t, next.only(t, "rollups_kind"), "rollups_kind", "1m"); found.Extra == 0 {
		t.Errorf("readers take rows of the former era, and the report is %+v", found)
	}
}

// On the day on which an era begins both streams may have counted their customers at its
// end: the newer one is the truth from the first day on that it has counted.
func TestADayThatTwoErasHaveCountedIsOfTheNewerOne(t *testing.T) {
	c := measured()
	c.Partitions = 1
	c.Lengths = c.Lengths[:1]
	c.Metrics = []string{"lifecycle", "reach_daily", "stages"}
	const hour = int64(3_600_000)
	visits := func(s *stream, customers, hours int) {
		for i := range hours {
			s.clock += hour
			s.ids++
			s.add(event.Record{Clock: s.clock, Lane: event.LaneEvent, Data: fmt.Appendf(nil,
				`{"id":"%d","time":"%s","customer":"c-%d","type":"page.viewed"}`, s.ids, s.stamp(s.clock), i%customers)})
		}
		s.ticks(event.LaneControl, s.clock+1_000)
	}
	former := newStream(31, c)
	visits(former, 5, 96)
	p := prove(t, c, former.records)
	again := newStream(32, c)
	again.clock += 30 * hour
	visits(again, 3, 24) // one day is counted by both, and the former has counted more
	next := proveIn(t, p.conn, c, begin, again.records)

	rows, err := p.conn.Query(t.Context(), "SELECT toString(day), toUInt64(customers) FROM v_reach_daily ORDER BY day")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var day string
		var customers uint64
		if err := rows.Scan(&day, &customers); err != nil {
			t.Fatal(err)
		}
		found = append(found, fmt.Sprint(day, " ", customers))
	}
	want := []string{"2026-05-04 5", "2026-05-05 3"}
	if err := rows.Err(); err != nil || !slices.Equal(found, want) {
		t.Errorf("days and customers are %q, want %q; %v", found, want, err)
	}

	// The proof sees it if readers take both, and finds nothing else.
	if err := p.conn.Exec(t.Context(), "CREATE OR REPLACE VIEW valid_census_reach_daily AS SELECT * FROM census_reach_daily FINAL"); err != nil {
		t.Fatal(err)
	}
	for _, found := range next.run(t).Tables {
		if found.OK() == (found.Table == "census_reach_daily") {
			t.Errorf("readers take both of census_reach_daily, and the report is %+v", found)
		}
	}
}
