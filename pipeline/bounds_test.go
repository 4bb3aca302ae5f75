package pipeline_test

import (
	"bytes"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
)

// What waits for the next cut is bounded by bytes as well, however large the
// refused records are and however many come at one time.
func TestPendingOutputsAreBounded(t *testing.T) {
	config := smallConfig()
	config.Partitions, config.CutRecords = 1, 1_000_000
	sh := oneShard(t, config)
	large := bytes.Repeat([]byte("x"), 1<<20)
	records := make([]event.Record, 200)
	for i := range records {
		records[i] = event.Record{Sequence: uint64(i + 1), Clock: 1_700_000_000_000, Data: large}
	}
	cuts := process(t, sh, records, nil)
	if len(cuts) < 200/17 {
		t.Errorf("%d cuts of 200 letters of 1 MiB", len(cuts))
	}
	for i, cut := range cuts {
		size := 0
		for _, letter := range cut.Outputs[shard.DeadLetters] {
			size += len(letter.Data)
		}
		if size > 17<<20 {
			t.Errorf("cut %d holds %d bytes", i, size)
		}
	}
	if letters := sh.Counts().DeadLetters; letters != 200 {
		t.Errorf("%d dead letters, want 200", letters)
	}
}

// The name of an import goes into every report, so its length is bounded where
// the import begins.
func TestImportNamesAreBounded(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	for length, open := range map[int]bool{0: false, 1: true, 128: true, 129: false} {
		shard := oneShard(t, config)
		process(t, shard, []event.Record{{
			Sequence: 1, Clock: 1000, Lane: event.LaneHistory, Control: event.ControlStart,
			Data: []byte(`{"import":"` + strings.Repeat("i", length) + `"}`),
		}}, nil)
		if shard.Status().ImportOpen != open {
			t.Errorf("a name of %d bytes: open is %v", length, shard.Status().ImportOpen)
		}
	}
}
