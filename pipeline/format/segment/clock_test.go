package segment

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
)

func iso(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

func call(customer string, at, sent, received int64) []byte {
	return fmt.Appendf(nil, `{"type":"page","messageId":"m","anonymousId":"%s","timestamp":%q,"sentAt":%q,"receivedAt":%q}`, customer, iso(at), iso(sent), iso(received))
}

// Whatever a clock shows and however long messages take within a minute, the events
// of a device keep their order and their distances, and come out right within
// two.
func TestCorrectionKeepsTheOrderOfADevice(t *testing.T) {
	const begin = 1_700_000_000_000
	rapid.Check(t, func(t *rapid.T) {
		d, wrong := NewDecoder(shop{}), rapid.Int64Range(-wrongest+onTheWay, wrongest-onTheWay).Draw(t, "wrong")
		var moved []int64
		for i := range rapid.IntRange(1, 20).Draw(t, "events") {
			happened := begin + rapid.Int64Range(0, 3_600_000).Draw(t, "happened")
			sent := begin + 4_000_000 + int64(i)*1000
			received := sent + rapid.Int64Range(0, onTheWay).Draw(t, "delay")
			var ev event.Event
			if err := d.Decode(call("a", happened+wrong, sent+wrong, received), event.Origin{}, &ev); err != nil {
				t.Fatal(err)
			}
			if off := ev.Time - happened; off < -2*onTheWay || off > 2*onTheWay {
				t.Fatalf("an event comes out %d ms off, with a clock %d ms off", off, wrong)
			}
			moved = append(moved, ev.Time-happened)
		}
		if slices.Min(moved) != slices.Max(moved) {
			t.Fatalf("the events of one device moved by %v", moved)
		}
	})
}

func TestClockBounds(t *testing.T) {
	const at = 1_700_000_000_000
	day := int64(wrongest)
	for _, c := range []struct {
		name                string
		sent, received, off int64
	}{
		{"right", at + 1000, at + 1300, 0},
		{"a minute on the way", at, at + 60_000, 0},
		{"an hour behind", at, at + 3_600_000, 3_600_000},
		{"a day ahead", at, at - day, -day},
		{"beyond a day it stays", at, at + day + 1, 0},
	} {
		var ev event.Event
		if err := NewDecoder(shop{}).Decode(call("a", at, c.sent, c.received), event.Origin{}, &ev); err != nil || ev.Time != at+c.off {
			t.Errorf("%s: moved by %d, want %d (%v)", c.name, ev.Time-at, c.off, err)
		}
	}
	// A clock that is set counts as set from then on; those of others stay.
	d, seen := NewDecoder(shop{}), []int64{}
	for _, c := range []struct {
		device string
		wrong  int64
	}{{"a", 0}, {"a", 600_000}, {"b", 5000}, {"a", 610_000}, {"a", 0}} {
		var ev event.Event
		if err := d.Decode(call(c.device, at, at, at+c.wrong), event.Origin{}, &ev); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, ev.Time-at)
	}
	if want := []int64{0, 600_000, 0, 600_000, 0}; !slices.Equal(seen, want) {
		t.Errorf("moved by %v, want %v", seen, want)
	}
}

// The memory of clocks is bounded, and the devices seen last are known.
func TestClocksAreBounded(t *testing.T) {
	c := newClocks()
	for i := range 3 * mostClocks {
		c.offset(fmt.Appendf(nil, "device %d", i), 600_000)
		if i%1000 == 0 && c.offset([]byte("faithful"), 600_000+int64(i%60_000)) != 600_000 {
			t.Fatalf("after %d others the clock of a device that comes back is measured anew", i)
		}
	}
	if n := len(c.young) + len(c.old); n > 2*mostClocks {
		t.Errorf("%d clocks are known", n)
	}
}
