package pipeline_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
	"ebb/sinks"
	"ebb/windows"
)

// Every metric by windows, cut by what its customers are, counts in each window what the
// metric itself counts there, whatever came late, left or was one row too many.
func TestCutsAddUpToTheirMetrics(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions, config.StoreStep, config.Metrics = 1, anyLeap, metric.Switchable()
	config.Keep, config.KeepAnonymous = 20*24*time.Hour, 7*24*time.Hour
	config.Lengths = slices.DeleteFunc(config.Lengths, func(l windows.Length) bool { return l.Name != "1h" && l.Name != "7d" })
	records := simulatedRecords(t, 60, 40)
	cuttable := metric.Cuttable()
	for _, some := range [][]string{cuttable[:len(cuttable)/2], cuttable[len(cuttable)/2:]} {
		config.Rollups = nil
		for i, name := range some {
			by := [][]string{{"level", "lifecycle"}, {"recency", "frequency"}, {"stage", "monetary", "channel"}}[i%3]
			config.Rollups = append(config.Rollups, metric.Rollup{Name: "of_" + name, By: by, Metric: name, AtMost: 4 + 20*(i%2)})
		}
		if err := config.Validate(); err != nil {
			t.Fatal(err)
		}
		rows := newestRows(t, config, records)
		for _, name := range some {
			of := metric.All()[slices.IndexFunc(metric.All(), func(m *metric.Metric) bool { return m.Name == name })]
			want, got := slotsOf(of, rows), slotsOfCut(of, rows)
			if len(want) < 3 {
				t.Errorf("%s has %d figures; the test needs more", name, len(want))
			}
			for at, figure := range want {
				if got[at] != figure {
					t.Errorf("%s, %s: its cut has %d, want %d", name, at, got[at], figure)
				}
				delete(got, at)
			}
			for at, figure := range got {
				if figure != 0 {
					t.Errorf("%s, %s: its cut has %d, and the metric nothing", name, at, figure)
				}
			}
		}
	}
}

// simulatedRecords are what so many customers do in so many days, and a tick a month
// later.
func simulatedRecords(t *testing.T, customers, days int) []event.Record {
	t.Helper()
	c := simulate.Defaults(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	c.Customers, c.End = customers, c.Start.AddDate(0, 0, days)
	simulator, err := simulate.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var records []event.Record
	for item, ok := simulator.Next(); ok; item, ok = simulator.Next() {
		records = append(records, event.Record{
			Sequence: uint64(len(records) + 1), Stored: item.Arrival, Clock: item.Arrival, Lane: event.LaneEvent, Data: slices.Clone(item.Body),
		})
	}
	for i := range 2 {
		at := c.End.AddDate(0, 1, 0).UnixMilli() + int64(i)*1_000
		records = append(records, event.Record{
			Sequence: uint64(len(records) + 1), Stored: at, Clock: at, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}"),
		})
	}

	return records
}

// newestRows are the rows of metrics that a shard publishes of records: of each the
// newest version, by metric.Tables.
func newestRows(t *testing.T, config meaning.Config, records []event.Record) []map[string]sinks.MetricRow {
	t.Helper()
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	var batch sinks.Batch
	for i := range records {
		err := sh.Process(&records[i], func(cut *shard.Cut) {
			for _, message := range cut.Outputs[shard.Rollups] {
				if err := batch.AddRollup(message.Data); err != nil {
					t.Fatal(err)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	newest := make([]map[string]sinks.MetricRow, len(metric.Tables()))
	for at := range newest {
		newest[at] = map[string]sinks.MetricRow{}
		keep := func(row sinks.MetricRow) {
			key := fmt.Sprintf("%s %d %q", row.Window, row.End, row.By)
			if before, known := newest[at][key]; !known || before.Version < row.Version {
				newest[at][key] = row
			}
		}
		for i := range batch.Metrics[at].Len() {
			keep(batch.Metrics[at].Row(i))
		}
		for i := range batch.MetricSeries[at] {
			batch.MetricSeries[at][i].Unfold(keep)
		}
	}

	return newest
}

// tableOf are the rows of a table.
func tableOf(name string, rows []map[string]sinks.MetricRow) []sinks.MetricRow {
	at := slices.IndexFunc(metric.Tables(), func(m *metric.Metric) bool { return m.Name == name })

	return slices.Collect(maps.Values(rows[at]))
}

// slotsOf adds up the rows of a metric, by window, its end, slot, and currency where it is
// by that.
func slotsOf(of *metric.Metric, rows []map[string]sinks.MetricRow) map[string]int64 {
	currency := slices.IndexFunc(of.By, func(d metric.Dimension) bool { return d.Name == "currency" })
	sums := map[string]int64{}
	for _, row := range tableOf(of.Name, rows) {
		code := ""
		if currency >= 0 {
			code = row.By[currency]
		}
		for i, measure := range of.Measures {
			sums[slotKey(row, code, measure)] += int64(row.Measures[i].Lo)
		}
	}

	return sums
}

// slotsOfCut is the same of the rows of its cut.
func slotsOfCut(of *metric.Metric, rows []map[string]sinks.MetricRow) map[string]int64 {
	table := metric.Cuts()
	place := func(by string) int {
		return slices.IndexFunc(table.By, func(d metric.Dimension) bool { return d.Name == by })
	}
	sums := map[string]int64{}
	for _, row := range tableOf(table.Name, rows) {
		if row.By[place("rollup")] != "of_"+of.Name {
			continue
		}
		for _, measure := range of.Measures {
			column := slices.IndexFunc(table.Measures, func(m metric.Measure) bool { return m.Slot == measure.Slot && m.Sum == measure.Sum })
			sums[slotKey(row, row.By[place("currency")], measure)] += int64(row.Measures[column].Lo)
		}
	}

	return sums
}

func slotKey(row sinks.MetricRow, currency string, measure metric.Measure) string {
	return fmt.Sprintf("%s to %d, %s %s", row.Window, row.End, measure.Name, currency)
}
