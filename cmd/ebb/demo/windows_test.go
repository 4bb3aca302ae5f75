package demo

import (
	"slices"
	"testing"

	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
	"ebb/sinks/clickhouse/clickhousetest"
)

const (
	dayMS    = 86_400_000
	minuteMS = 60_000
	begin    = 20_000 * dayMS
)

// minutes is a series of one partition that begins so many minutes after begin.
func minutes(partition int, version uint64, from int64, events ...int64) sinks.Series {
	s := sinks.Series{Partition: partition, Version: version, Clock: begin, Era: begin, Series: wire.Series{
		Window: "1m", End: begin + from*minuteMS, Slide: minuteMS, Events: events,
	}}
	for i, n := range events {
		s.Steps, s.Customers = append(s.Steps, int64(min(i, 1))), append(s.Customers, min(n, 1))
	}

	return s
}

func minuteRow(partition int, version uint64, end, events int64) sinks.Rollup {
	return sinks.Rollup{
		Window: "1m", End: begin + end*minuteMS, Partition: partition, Version: version, Clock: begin, Era: begin,
		Row: wire.Row{Events: events, Customers: min(events, 1)},
	}
}

// The windows of the report are those of v_total, over partitions, series and their
// corrections, days without any event at the end, and rows that the clock has not
// reached.
func TestWindowsAreThoseOfTheView(t *testing.T) {
	conn := clickhousetest.Migrated(t).Open(t)
	batch := &sinks.Batch{}
	batch.Series[sinks.Total] = []sinks.Series{
		minutes(0, 1, 1, 4, 0, 5, 6), minutes(1, 1, 2, 3, 2, 1),
		minutes(0, 2, 1440+1, 7, 8, 0, 0), minutes(1, 2, 1440+2, 1, 0, 0),
		minutes(0, 3, 2*1440+1, 0, 0), // nothing came
		minutes(1, 4, 9*1440+1, 50),   // beyond the clock
	}
	batch.Rollups[sinks.Total] = []sinks.Rollup{
		minuteRow(1, 5, 1440+3, 30), // corrects the 0 that stands beside 0
		minuteRow(0, 5, 1440+30, 0), minuteRow(0, 6, 8*1440, 9),
		{Window: "24h", End: begin + dayMS, Version: 5, Clock: begin, Era: begin, Row: wire.Row{Events: 33, Customers: 4}},
		{Window: "28d", End: begin + dayMS, Version: 5, Clock: begin, Era: begin},
	}
	for partition := range 2 {
		batch.Pipeline = append(batch.Pipeline, wire.PipelineRow{
			Header: wire.Header{Partition: partition, Version: 7, Clock: begin + 3*dayMS, Era: begin}, Time: begin,
		})
	}
	if err := clickhouse.New(conn).Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}

	var got, want []window
	if err := conn.Select(t.Context(), &got, windowsQuery); err != nil {
		t.Fatal(err)
	}
	err := conn.Select(t.Context(), &want, `
		SELECT toString(window) AS window, count() AS rows,
			argMaxIf(v_total.events, v_total.window_end, v_total.events > 0) AS events,
			argMaxIf(v_total.customers, v_total.window_end, v_total.events > 0) AS customers
		FROM v_total GROUP BY window ORDER BY indexOf(['1m', '24h', '28d'], window)`)
	if err != nil {
		t.Fatal(err)
	}
	if sure := []window{{"1m", 11, 30, 1}, {"24h", 1, 33, 4}, {"28d", 1, 0, 0}}; !slices.Equal(want, sure) || !slices.Equal(got, sure) {
		t.Errorf("the windows are %v, those of the view %v, want %v", got, want, sure)
	}
}
