package verify_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
	"ebb/sinks/clickhouse/verify"
	"ebb/windows"
)

// Levels are told from signals. Where the database does not keep them as long as the
// events go back, rollups by level are named as not proved, and all else still is: also
// what they leave of a census by level.
func TestRollupsByLevelAreNotProvedWithoutSignals(t *testing.T) {
	c := engaged()
	c.Partitions, c.Metrics = 2, append(metric.Base(), "orders", "segments")
	slices.Sort(c.Metrics)
	c.Rollups = []metric.Rollup{
		{Name: "risk", By: []string{"level", "type"}},
		{Name: "paid", By: []string{"level"}, Metric: "orders"},
		{Name: "kinds", By: []string{"kind", "recency"}},
	}
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Name != "1h" })
	s := newStream(53, c)
	s.clock = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).UnixMilli()
	for i := range 400 {
		s.clock += s.Int64N(6 * 3_600_000)
		customer := fmt.Sprint("c-", s.IntN(6)*s.IntN(6))
		s.add(event.Record{
			Clock: s.clock, Partition: event.PartitionOf(customer, 2), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"%d","time":"%s","customer":"%s","type":"%s","value":%d,"currency":"EUR"}`, i, s.stamp(s.clock), customer,
				[]string{"order.completed", "page.viewed", "cart.added"}[s.IntN(3)], s.IntN(90)),
		})
	}
	s.ticks(event.LaneControl, s.clock+40*24*3_600_000)
	s.ticks(event.LaneControl, s.clock+1_000)
	p := prove(t, c, s.records)
	prove := func() verify.Report { return p.only(t, "rollups_custom", "rollups_cuts", "census_segments") }
	report := prove()
	p.expectOK(t, report)
	of := func(table string) uint64 {
		var n uint64
		if err := p.conn.QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}

		return n
	}
	if report.Unleveled != nil || of("signals") < 50 || of("rollups_custom FINAL WHERE rollup = 'risk' AND key1 NOT IN ('healthy', 'other')") < 20 {
		t.Fatalf("%q are not proved, of %d signals: the test needs more", report.Unleveled, of("signals"))
	}

	// An older half of the signals is gone, and nobody said that it may be.
	if err := p.conn.Exec(t.Context(), "DELETE FROM signals WHERE at < '2026-02-20'"); err != nil {
		t.Fatal(err)
	}
	if prove().OK() {
		t.Error("rollups by level are as signals say that are not there")
	}

	// Retention may remove what is older than so many hours, which is less than all.
	hours := time.Since(time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC)).Truncate(time.Hour)
	if err := clickhouse.Migrate(t.Context(), p.conn, clickhouse.TTL{Signals: hours}); err != nil {
		t.Fatal(err)
	}
	report = prove()
	p.expectOK(t, report)
	if !slices.Equal(report.Unleveled, []string{"risk", "paid"}) {
		t.Errorf("%q are named as not proved, want risk and paid", report.Unleveled)
	}
	if found := find(t, report, "rollups_custom", "1h"); found.Compared == 0 {
		t.Error("no row of the rollup that is not by level was compared")
	}
	if err := p.conn.Exec(t.Context(), "INSERT INTO rollups_custom SELECT * REPLACE (events + 1 AS events, version + 1 AS version) FROM rollups_custom FINAL WHERE rollup = 'kinds' ORDER BY window_end LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	if found := find(t, p.only(t, "rollups_custom"), "rollups_custom", "1h"); found.Different != 1 {
		t.Errorf("%+v, want one that is different", found)
	}
}
