package jetstream

import (
	"slices"
	"testing"
)

// What waits are the events and records of history after the cursor of their partition,
// and no control records.
func TestBehindCountsWhatWaits(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 0, 200)
	in := NewInput(js, layout)
	publishOwn(t, js, layout, in.layout.laneSubject(laneHistory, 3), nil, "{}")
	for range 4 {
		publishOwn(t, js, layout, in.layout.laneSubject(laneControl, 3), nil, "{}")
	}
	messages := messagesOf(t, js, layout.Stream)
	last := messages[len(messages)-1].Sequence
	for _, cursor := range []uint64{0, 50, 199, 200, 201, last} {
		want := make([]uint64, layout.Partitions)
		cursors := make([]uint64, layout.Partitions)
		for partition := range want {
			cursors[partition] = cursor
			subjects := []string{in.layout.laneSubject(laneEvent, partition), in.layout.laneSubject(laneHistory, partition)}
			for _, m := range messages {
				if m.Sequence > cursor && slices.Contains(subjects, m.Subject) {
					want[partition]++
				}
			}
		}
		got, err := Behind(t.Context(), js, layout, cursors)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("after %d, %v are behind, %v; want %v", cursor, got, err, want)
		}
	}
	first, err := Behind(t.Context(), js, layout, make([]uint64, layout.Partitions))
	if err != nil {
		t.Fatal(err)
	}
	var sum uint64
	for _, n := range first {
		sum += n
	}
	if sum != 201 {
		t.Errorf("%d are behind of 200 events and one record of history", sum)
	}
}
