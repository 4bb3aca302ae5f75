package main

import (
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/serve"
	"ebb/pipeline/clock"
	"ebb/pipeline/own"
)

// A clock that stands still since a server's was set back is a condition of its
// own: neither cuts nor dead letters come that could tell of it.
func TestClocksThatStandStillAreAConditionOfTheirOwn(t *testing.T) {
	behind := own.PartitionProgress{Leap: clock.Leap{Behind: time.Hour.Milliseconds() + 1}}
	ahead := own.PartitionProgress{Leap: clock.Leap{Ahead: time.Hour.Milliseconds()}}
	if text := serve.ClocksBehind([]own.PartitionProgress{{}, ahead}); text != "" {
		t.Errorf("nothing is behind, and it says %q", text)
	}
	text := serve.ClocksBehind([]own.PartitionProgress{{}, behind, ahead})
	if !strings.Contains(text, "up to 1h0m0s behind the clocks of 1 of 3 partitions") {
		t.Errorf("it says %q", text)
	}
}
