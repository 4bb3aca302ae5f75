package own

import (
	"testing"
	"time"
)

func TestPaceOfSnapshots(t *testing.T) {
	begin := time.Unix(1000, 0)
	for _, c := range []struct {
		name      string
		waited    time.Duration
		events    uint64
		customers int
		due       bool
	}{
		{"too soon", 59 * time.Second, 1_000_000, 10, false},
		{"nothing new", time.Hour, 0, 10, false},
		{"nothing new for long", 6 * time.Hour, 0, 1000, true},
		{"enough events", time.Minute, 125, 1000, true},
		{"not worth it yet", time.Minute, 124, 1000, false},
		{"waited long enough", 10 * time.Minute, 1, 1000, true},
		{"few customers", time.Minute, 1, 7, true},
	} {
		p := newPace(begin, time.Minute, 500, true, 1)
		if got := p.due(begin.Add(c.waited), 500+c.events, c.customers); got != c.due {
			t.Errorf("%s: due is %v", c.name, got)
		}
	}
}

// The first snapshot comes at once, the next ones at growing distances.
func TestPaceOfAYoungShard(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newPace(now, 5*time.Second, 0, false, 1)
	events := uint64(0)
	for _, seconds := range []int{0, 1, 2, 4, 5, 5} {
		distance := time.Duration(seconds) * time.Second
		if distance > 0 {
			if almost := now.Add(distance - 1); p.due(almost, events+1, 1) {
				t.Errorf("due %v after the one before", almost.Sub(now))
			}
		}
		now = now.Add(distance)
		if events++; !p.due(now, events, 1) {
			t.Errorf("not due %d s after the one before", seconds)
		}
		p.took(now, events)
	}
}

// The shards of an instance that starts again do not all come at the same time.
func TestPaceSpreadsTheShards(t *testing.T) {
	now := time.Unix(1000, 0)
	for i := range 4 {
		p := newPace(now, time.Minute, 0, true, float64(i+1)/4)
		at := now.Add(time.Duration(i+1) * 15 * time.Second)
		if p.due(at.Add(-time.Millisecond), 10, 10) || !p.due(at, 10, 10) {
			t.Errorf("shard %d of 4 is not due after %v", i, at.Sub(now))
		}
	}
}
