package pipeline_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// imported is an import of n rows in one partition, a tick behind every few, and
// live events behind its end that are late for windows of the import.
func imported(n int, disorder int64) []event.Record {
	var records []event.Record
	clock := time.Date(2025, 1, 1, 22, 0, 0, 0, time.UTC).UnixMilli()
	add := func(control event.Control, lane event.Lane, data string) {
		records = append(records, event.Record{
			Sequence: uint64(len(records) + 1), Stored: clock, Clock: clock, Lane: lane, Control: control, Data: []byte(data),
		})
	}
	types := []string{"page.viewed", "email.clicked", "order.completed"}
	ev := func(i int, at int64) string {
		return fmt.Sprintf(`{"id":"e%d","time":%q,"customer":"c%d","type":%q,"value":%d.5,"currency":"EUR"}`, i, timeText(at), i%5, types[i%len(types)], i)
	}
	add(event.ControlStart, event.LaneHistory, `{"import":"i1","source":"test"}`)
	for i := range n {
		clock += 17_000
		add(event.ControlNone, event.LaneHistory, ev(i, clock-int64(i*i)%7*disorder))
		if i%50 == 49 {
			add(event.ControlTick, event.LaneHistory, "{}")
		}
	}
	add(event.ControlEnd, event.LaneHistory, `{"import":"i1"}`)
	for i := range 40 {
		clock += 5_000
		add(event.ControlNone, event.LaneEvent, ev(n+i, clock-int64(i)*7_000))
	}
	clock += 3_600_000
	add(event.ControlTick, event.LaneControl, "")

	return records
}

// Each window is in one series at most: as it was when it ended, in an import.
// What corrects it is a row with a higher version, also a live one.
func TestEachWindowIsInOneSeries(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	for name, disorder := range map[string]int64{"in order": 0, "late": 30_000} {
		t.Run(name, func(t *testing.T) {
			cuts := process(t, oneShard(t, config), imported(1_000, disorder), nil)
			versions := make(map[string]uint64) // of the rows in series
			series, corrections, windows := 0, 0, 0
			for _, cut := range cuts {
				keys := make(map[string]bool)
				for _, message := range cut.Outputs[shard.Rollups] {
					rollups, err := wire.ParseRollups(message.Data)
					if err != nil || !slices.Contains(wire.RollupTables(), rollups.Table) {
						continue
					}
					for _, s := range rollups.Series {
						key := fmt.Sprint(rollups.Table, s.Window, s.Key, s.Currency, s.End/86_400_000)
						if keys[key] {
							t.Fatalf("cut %d has two series of %s", cut.Number, key)
						}
						keys[key] = true
						series++
						for end := range s.Rows() {
							row := fmt.Sprint(rollups.Table, s.Window, end, s.Key, s.Currency)
							if before, found := versions[row]; found {
								t.Fatalf("%s is in the series of versions %d and %d", row, before, rollups.Version)
							}
							versions[row] = rollups.Version
						}
					}
					for _, w := range rollups.Windows {
						for _, r := range w.Rows {
							windows++
							before, found := versions[fmt.Sprint(rollups.Table, w.Window, w.End, r.Key, r.Currency)]
							if found && before >= rollups.Version {
								t.Fatalf("a row of version %d corrects one of %d", rollups.Version, before)
							}
							if found {
								corrections++
							}
						}
					}
				}
			}
			if series == 0 || len(versions) < 5*series || corrections == 0 || windows == corrections {
				t.Errorf("%d rows in %d series, and %d rows alone, of which %d correct some: the test wants more", len(versions), series, windows, corrections)
			}
		})
	}
}
