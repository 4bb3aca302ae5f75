package pipeline_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// disturbance adds so much to the store times between two times.
type disturbance struct{ from, until, ahead int64 }

// disturbedTraffic is two hours of 20 customers. Their events and the owner's
// ticks are stored a little later, by a clock that is disturbed.
func disturbedTraffic(seed int64, disturbances []disturbance) []event.Record {
	begin := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	var records []event.Record
	add := func(at int64, record event.Record) {
		for _, d := range disturbances {
			if at >= begin+d.from && at < begin+d.until {
				at += d.ahead
			}
		}
		record.Sequence, record.Stored, record.Clock = uint64(len(records)+1), at, at
		records = append(records, record)
	}
	state := uint64(seed)
	next := func(n uint64) int64 {
		state = state*6364136223846793005 + 1442695040888963407

		return int64(state >> 33 % n)
	}
	end := begin + 2*time.Hour.Milliseconds()
	for at := begin; at < end; at += 1000 + next(9000) {
		if next(5) == 0 {
			add(at, event.Record{Lane: event.LaneControl, Control: event.ControlTick})

			continue
		}
		add(at, event.Record{Data: fmt.Appendf(nil, `{"id":"%d","customer":"c%d","type":"page.pinged","time":%q}`,
			at, next(20), timeText(at-next(3000)))})
	}
	for at := end; at < end+30*time.Minute.Milliseconds(); at += 5000 {
		add(at, event.Record{Lane: event.LaneControl, Control: event.ControlTick})
	}

	return records
}

func leapConfig() meaning.Config {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	config.Churn.Horizon = (4 * time.Hour).Milliseconds()
	config.Churn.Dwell = time.Minute.Milliseconds()
	config.CoordinateInterval = 24 * time.Hour
	config.Lengths = config.Lengths[:2]

	return config
}

// rowsOf are the figures of cuts as a reader sees them: a row of nothing is no
// row, because whether a window is emitted twice depends on when it was first.
func rowsOf(t fataler, cuts []*shard.Cut) map[string]wire.Row {
	rows := latest(t, cuts)
	maps.DeleteFunc(rows, func(_ string, row wire.Row) bool { return row.Events == 0 })

	return rows
}

// Whatever a server's clock does for a while, ahead by more than a step or back:
// while producers say otherwise nothing is late, and windows and levels end as
// they would have without.
func TestLeapsOfStoreTimesChangeNothing(t *testing.T) {
	const second, hour, day = int64(1000), int64(3600_000), 24 * int64(3600_000)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Int64Range(1, 1<<40).Draw(t, "seed")
		var disturbances []disturbance
		for range rapid.IntRange(1, 3).Draw(t, "disturbances") {
			from := rapid.Int64Range(hour/10, 3*hour/2).Draw(t, "from")
			d := disturbance{from: from, until: from + rapid.Int64Range(5*second, hour/2).Draw(t, "length")}
			d.ahead = rapid.OneOf(rapid.Int64Range(11*60*second, 4*hour), rapid.Int64Range(day, 400*day),
				rapid.Int64Range(-day, -second)).Draw(t, "ahead")
			if d.ahead < 0 { // the clock stands still meanwhile, for no longer than the skew
				d.until = min(d.until, d.from+4*60*second)
			}
			if len(disturbances) == 0 || d.from > disturbances[len(disturbances)-1].until {
				disturbances = append(disturbances, d)
			}
		}
		config := leapConfig()
		calm, wild := oneShard(t, config), oneShard(t, config)
		want := process(t, calm, disturbedTraffic(seed, nil), nil)
		got := process(t, wild, disturbedTraffic(seed, disturbances), nil)
		if c := wild.Counts(); c.LateDropped+c.DeadLetters > 0 || c.Processed != calm.Counts().Processed {
			t.Fatalf("counts %+v, want %+v", c, calm.Counts())
		}
		if !maps.Equal(rowsOf(t, got), rowsOf(t, want)) {
			t.Fatal("the windows differ")
		}
		if wild.Status().Levels != calm.Status().Levels || wild.Counts().Raised != calm.Counts().Raised {
			t.Fatalf("levels %v after %d raised, want %v after %d", wild.Status().Levels, wild.Counts().Raised,
				calm.Status().Levels, calm.Counts().Raised)
		}
		if leap := wild.Status().Leap; leap != (clock.Leap{}) {
			t.Fatalf("%+v is still held", leap)
		}
	})
}

// A shard that is restored anywhere inside a leap goes on with the same bytes.
func TestLeapsSurviveRestarts(t *testing.T) {
	const minute = int64(60_000)
	config := leapConfig()
	records := disturbedTraffic(7, []disturbance{{10 * minute, 10*minute + 30_000, 40 * 24 * 60 * minute}, {30 * minute, 32 * minute, -9 * minute},
		{60 * minute, 70 * minute, 60 * minute}})[:900]
	for i := range records { // one producer is as wrong as the server
		if r := &records[i]; r.Control == event.ControlNone && i%7 == 0 {
			r.Data = fmt.Appendf(nil, `{"id":"w%d","customer":"wrong","type":"page.pinged","time":%q}`, i, timeText(r.Clock))
		}
	}
	sh := oneShard(t, config)
	var snapshots [][]byte
	waiting := 0
	cuts := process(t, sh, records, func(cut *shard.Cut) {
		waiting = max(waiting, cut.Leap.Waiting)
		snapshots = append(snapshots, sh.Capture().AppendBinary(nil))
	})
	if waiting == 0 || sh.Counts().Leaps == 0 {
		t.Fatalf("%d events waited for %d leaps", waiting, sh.Counts().Leaps)
	}
	for i := 0; i < len(snapshots); i += 5 {
		restored, err := shard.RestoreShard(config, 0, snapshots[i])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(snapshots[i], restored.Capture().AppendBinary(nil)) {
			t.Fatalf("the snapshot of cut %d is not what its restored shard writes", i)
		}
		sameCuts(t, cuts[i+1:], process(t, restored, slices.Clone(records), nil))
		if !bytes.Equal(sh.Capture().AppendBinary(nil), restored.Capture().AppendBinary(nil)) {
			t.Fatalf("going on from cut %d ends in other bytes", i)
		}
	}
}

// What waits is bounded, whatever a single customer sends.
func TestWhatWaitsForALeapIsBounded(t *testing.T) {
	config := leapConfig()
	shard := oneShard(t, config)
	records := disturbedTraffic(3, nil)[:300]
	clock := records[len(records)-1].Clock + 40*24*3600_000
	for i := range 1000 {
		at := clock + int64(i)
		records = append(records, event.Record{Sequence: uint64(301 + i), Stored: at, Clock: at,
			Data: fmt.Appendf(nil, `{"id":"w%d","customer":"wrong","type":"page.pinged","time":%q}`, i, timeText(at))})
	}
	process(t, shard, records, nil)
	if leap := shard.Status().Leap; leap.Waiting > 256 || leap.Ahead == 0 {
		t.Errorf("%+v", leap)
	}
	if c := shard.Counts(); c.DeadLetters != 1000-256 || c.LateDropped > 0 {
		t.Errorf("%+v", c)
	}
}
