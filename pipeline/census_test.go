package pipeline_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// censusOf are the rows of all censuses of a shard that has one customer an hour, for a
// week, and then a silence. A tick comes every so often, if at all.
func censusOf(t *testing.T, every, silence time.Duration) map[string]string {
	t.Helper()
	config := meaning.DefaultConfig()
	config.Partitions, config.StoreStep, config.Zone = 1, anyLeap, "Europe/Berlin"
	config.Lengths = config.Lengths[len(config.Lengths)-1:]
	sh, err := shard.NewShard(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows, sequence := map[string]string{}, uint64(0)
	process := func(at int64, lane event.Lane, control event.Control, body string) {
		sequence++
		record := event.Record{Sequence: sequence, Stored: at, Clock: at, Lane: lane, Control: control, Data: []byte(body)}
		err := sh.Process(&record, func(cut *shard.Cut) {
			for _, message := range cut.Outputs[shard.Rollups] {
				if !strings.HasPrefix(message.Subject, "rollups.census_") {
					continue
				}
				m, err := wire.ParseMetrics(message.Data)
				if err != nil || len(m.Days) != 1 {
					t.Fatalf("%s: %v", message.Data, err)
				}
				key := fmt.Sprint(m.Table, " ", m.Days[0].Day)
				if rows[key] != "" {
					t.Errorf("%s is there twice", key)
				}
				rows[key] = fmt.Sprint(m.Clock, m.Days)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Date(2026, 10, 20, 0, 30, 0, 0, time.UTC).UnixMilli()
	tick := begin
	ticks := func(until int64) {
		for ; every > 0 && tick < until; tick += every.Milliseconds() {
			process(tick, event.LaneControl, event.ControlTick, "{}")
		}
	}
	for hour := range int64(7 * 24) {
		at := begin + hour*3_600_000
		ticks(at)
		process(at, event.LaneEvent, event.ControlNone, fmt.Sprintf(`{"id":"%d","time":"%s","customer":"c%d","type":"cart.added"}`, hour, timeText(at), hour%50))
	}
	end := begin + 7*24*3_600_000 + silence.Milliseconds()
	ticks(end)
	process(end, event.LaneControl, event.ControlTick, "{}")

	return rows
}

// What is counted follows from the events, and where ticks come changes nothing: not even
// where the clock jumps over weeks, and other days end in between.
func TestTicksDoNotChangeACensus(t *testing.T) {
	const day = 24 * time.Hour
	want := censusOf(t, 0, 50*day)
	if n := len(slices.DeleteFunc(slices.Collect(maps.Keys(want)), func(key string) bool { return !strings.HasPrefix(key, "census_reach_daily") })); n != 57 {
		t.Errorf("%d days were counted, want 57", n)
	}
	for _, every := range []time.Duration{time.Hour, 7 * time.Hour, 11 * day} {
		if got := censusOf(t, every, 50*day); !maps.Equal(got, want) {
			t.Errorf("with a tick every %v there are %d rows, want %d, or others", every, len(got), len(want))
		}
	}
}

// A jump over years counts every day on which there are customers, wherever ticks stand in
// it; of one over more than ten years the last ten.
func TestAJumpCountsTenYears(t *testing.T) {
	const day = 24 * time.Hour
	days := func(rows map[string]string) (n int) {
		for key := range rows {
			if strings.HasPrefix(key, "census_reach_daily") {
				n++
			}
		}

		return n
	}
	want := censusOf(t, 0, 1000*day)
	if n := days(want); n != 7+730 {
		t.Errorf("%d days were counted, want a week and as long as customers are kept, 737", n)
	}
	for _, every := range []time.Duration{9 * day, 400 * day} {
		if got := censusOf(t, every, 1000*day); !maps.Equal(got, want) {
			t.Errorf("with a tick every %v there are %d rows, want %d, or others", every, len(got), len(want))
		}
	}
	if n := days(censusOf(t, 0, 5000*day)); n != 7 {
		t.Errorf("%d days were counted, want 7: ten years before the end nobody is left", n)
	}
}
