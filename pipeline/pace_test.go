package pipeline

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
		p := pace{interval: time.Minute}
		p.took(begin, 500)
		if got := p.due(begin.Add(c.waited), 500+c.events, c.customers); got != c.due {
			t.Errorf("%s: due is %v", c.name, got)
		}
	}
}
