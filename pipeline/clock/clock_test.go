package clock_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/windows/codec"
)

const (
	noon   = int64(1_767_268_800_000) // Unix ms
	minute = int64(60_000)
	year   = 365 * 24 * 60 * minute
)

var errBody = errors.New("not what was written")

// newClock is the clock of records whose body is the name of a customer, and whose
// events are as old as they were stored.
func newClock() clock.Clock {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	var ev event.Event

	return clock.New(&config, 0, func(record *event.Record) (*event.Event, bool) {
		ev.Customer, ev.Time = record.Data, record.Stored

		return &ev, len(record.Data) > 0
	})
}

// What a record says of the time depends on its lane, and on whether an import is open.
func TestWhatTimeItIs(t *testing.T) {
	for what, c := range map[string]struct {
		record    event.Record
		importing bool
		want      int64
	}{
		"an event":                           {event.Record{Clock: noon + 5}, false, noon + 5},
		"an event of before":                 {event.Record{Clock: noon - 5}, false, noon},
		"an event inside an import":          {event.Record{Clock: noon + 5}, true, noon},
		"a tick":                             {event.Record{Lane: event.LaneControl, Control: event.ControlTick, Clock: noon + 5}, false, noon + 5},
		"a tick inside an import":            {event.Record{Lane: event.LaneControl, Control: event.ControlTick, Clock: noon + 5}, true, noon},
		"a configuration":                    {event.Record{Lane: event.LaneControl, Control: event.ControlConfig, Clock: noon + 5}, false, noon},
		"what a stranger says":               {event.Record{Clock: noon + 5, Forged: true}, false, noon},
		"no clock":                           {event.Record{Clock: noon + 5, Unclocked: true, Lane: event.LaneHistory}, true, noon},
		"history in its import":              {event.Record{Lane: event.LaneHistory, Clock: noon + year, Stored: noon + 2*year}, true, noon + year},
		"history outside of one":             {event.Record{Lane: event.LaneHistory, Clock: noon + year, Stored: noon + 2*year}, false, noon},
		"the start of an import":             {event.Record{Lane: event.LaneHistory, Control: event.ControlStart, Clock: noon + year, Stored: noon + 2*year}, false, noon + year},
		"history that was stored before it":  {event.Record{Lane: event.LaneHistory, Clock: noon + year, Stored: noon}, true, noon},
		"history within the skew of its age": {event.Record{Lane: event.LaneHistory, Clock: noon + minute, Stored: noon}, true, noon + minute},
	} {
		k := newClock()
		first := k.Judge(&event.Record{Clock: noon}, 0, false)
		k.Take(&first)
		if m := k.Judge(&c.record, noon, c.importing); m.Now != c.want || m.Wait {
			t.Errorf("%s: it is %d ms later, want %d; it waits: %v", what, m.Now-noon, c.want-noon, m.Wait)
		}
	}
}

// Whatever the store times do, the clock never goes back, judging changes nothing, and
// one that is written and read goes on alike.
func TestClockGoesOnAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, now, stored := newClock(), int64(0), noon
		for n := range rapid.IntRange(1, 200).Draw(t, "records") {
			stored += rapid.SampledFrom([]int64{0, 10, 10, 1_000, minute, 20 * minute, -minute, year, -year}).Draw(t, "step")
			r := event.Record{Sequence: uint64(n + 1), Clock: stored, Stored: rapid.SampledFrom([]int64{noon + int64(n)*1_000, stored}).Draw(t, "at")}
			if rapid.Bool().Draw(t, "tick") {
				r.Lane, r.Control = event.LaneControl, event.ControlTick
			} else {
				r.Data = []byte{'a' + byte(rapid.IntRange(0, 9).Draw(t, "customer"))}
			}
			var w codec.Writer
			one.Write(&w)
			other := newClock()
			from := codec.From(w.Bytes(), errBody)
			if other.Read(&from); from.End() != nil {
				t.Fatal(from.Err())
			}
			m, again, alike := one.Judge(&r, now, false), one.Judge(&r, now, false), other.Judge(&r, now, false)
			if m.Now < now || m.Now != again.Now || m.Wait != again.Wait || m.Now != alike.Now || m.Wait != alike.Wait {
				t.Fatalf("record %d at %d: %+v, again %+v, restored %+v", n, now, m, again, alike)
			}
			one.Take(&m)
			now = m.Now
			if m.Wait {
				one.Wait(&r)
			}
			for _, waiting := range one.Awake() {
				if one.StillWaits(&waiting, now) {
					one.Wait(&waiting)
				}
			}
			if leap := one.Leap(now, false); leap.Ahead > 0 && leap != one.Held() || leap.Ahead < 0 || leap.Behind < 0 {
				t.Fatalf("the leap is %+v", leap)
			}
		}
	})
}

// A store time of the far future, which the event with it contradicts, moves the clock
// by nothing, and is forgotten when the next ones are right again.
func TestOneRecordCannotMoveTheClockFarAhead(t *testing.T) {
	k, now := newClock(), int64(0)
	take := func(stored, at int64) clock.Moment {
		r := event.Record{Clock: stored, Stored: at, Data: []byte{'a' + byte(at%7)}}
		m := k.Judge(&r, now, false)
		k.Take(&m)
		k.Note(&r, &event.Event{Customer: r.Data, Time: at})
		now = m.Now

		return m
	}
	for i := range int64(20) {
		take(noon+i*1_001, noon+i*1_001)
	}
	before := now
	if take(noon+year, noon+20_000); now != before || k.Held().Ahead < year-minute || k.Leaps() != 1 {
		t.Errorf("it is %d ms after noon, %+v is held", now-noon, k.Held())
	}
	if take(noon+30_000, noon+30_000); now != noon+30_000 || k.Held() != (clock.Leap{}) {
		t.Errorf("it is %d ms after noon, %+v is held", now-noon, k.Held())
	}
	if leap := k.Leap(now+year, false); leap.Behind != year || k.Leap(now+year, true) != (clock.Leap{}) {
		t.Errorf("a year later %+v is told", leap)
	}
	k.Settle()
	k.Forget()
	if take(noon+year, noon); now != noon+year {
		t.Errorf("begun anew, it is %d ms after noon", now-noon)
	}
}
