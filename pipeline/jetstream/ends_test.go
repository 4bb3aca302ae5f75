package jetstream

import (
	"testing"
	"time"
)

func TestHistoryEnds(t *testing.T) {
	js, layout := provisioned(t)
	i := openImport(t, js, layout, "a")
	appendAll(t, i, history(0, 5)) // partitions 0 to 4
	publishEvents(t, js, layout, 1, 10)

	ends, err := HistoryEnds(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	// The import's marker is record 1, the start marks follow it, then the rows.
	for partition, end := range ends {
		want := uint64(2 + partition)
		if partition < 5 {
			want = uint64(2 + 16 + partition)
		}
		if end != want {
			t.Errorf("history of partition %d ends at %d, want %d", partition, end, want)
		}
	}

	layout.Stream = "NOWHERE"
	if _, err := HistoryEnds(t.Context(), js, layout); err == nil {
		t.Error("the history of a stream that is not there = nil error")
	}
}

func TestLastLive(t *testing.T) {
	js, layout := provisioned(t)
	i := openImport(t, js, layout, "a")
	appendAll(t, i, history(0, 5))
	if at, err := LastLive(t.Context(), js, layout); at != 0 || err != nil {
		t.Errorf("history alone: %d, %v, want 0", at, err)
	}

	before := time.Now().Add(-time.Second).UnixMilli()
	publishEvents(t, js, layout, 1, 3)
	event, err := LastLive(t.Context(), js, layout)
	if event < before || err != nil {
		t.Errorf("after an event: %d, %v, want %d or later", event, err, before)
	}
	time.Sleep(5 * time.Millisecond)
	if err := NewInput(js, layout).Tick(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if tick, err := LastLive(t.Context(), js, layout); tick <= event || err != nil {
		t.Errorf("after a tick: %d, %v, want later than %d", tick, err, event)
	}
}
