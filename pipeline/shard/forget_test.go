package shard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// A flood of ids to be forgotten is bounded: what is beyond is refused by name, also as a
// control record, and those who are remembered can be forgotten again.
func TestForgettingIsBounded(t *testing.T) {
	c := meaning.DefaultConfig()
	c.Partitions = 1
	s, err := NewShard(c, 0)
	if err != nil {
		t.Fatal(err)
	}
	s.forgets.most = 2
	var letters []string
	sequence, clock := uint64(0), int64(1_777_896_000_000)
	process := func(control event.Control, body string) {
		t.Helper()
		sequence, clock = sequence+1, clock+1000
		record := event.Record{Sequence: sequence, Clock: clock, Stored: clock, Control: control, Data: []byte(body)}
		if control != event.ControlNone {
			record.Lane = event.LaneControl
		}
		err := s.Process(&record, func(cut *Cut) {
			for _, m := range cut.Outputs[DeadLetters] {
				letters = append(letters, fmt.Sprint(m.Header))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	asks := func(customer string) {
		t.Helper()
		process(event.ControlNone, fmt.Sprintf(`{"id":"f%d","time":%q,"customer":%q,"type":"customer.forgotten"}`, sequence, time.UnixMilli(clock).UTC().Format(time.RFC3339), customer))
	}
	asks("a")
	asks("b")
	asks("c")
	process(event.ControlForget, `{"customer":"d"}`)
	asks("a")
	process(event.ControlTick, `{}`)
	if got := s.forgets.stones.Len(); got != 2 {
		t.Errorf("%d are remembered, want 2", got)
	}
	if len(letters) != 2 || !strings.Contains(letters[0], "customer_limit") || !strings.Contains(letters[1], "who were forgotten") {
		t.Errorf("dead letters: %q", letters)
	}
}
