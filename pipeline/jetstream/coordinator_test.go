package jetstream

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

func TestStatistics(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	var last [16]uint64
	publish := func(partition int, body string) {
		t.Helper()
		messages := []shard.Message{{Subject: "s." + strconv.Itoa(partition), Data: []byte(body)}}
		stored, err := outputs.Publish(t.Context(), shard.Statistics, partition, last[partition], messages, own.Marker{})
		if err != nil {
			t.Fatal(err)
		}
		last[partition] = stored
	}
	read := func(s *StatisticSource, count int) (bodies []string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		for len(bodies) < count {
			next, err := s.next(ctx)
			if err != nil {
				t.Fatalf("after %q: %v", bodies, err)
			}
			bodies = append(bodies, strconv.Itoa(next.partition)+string(next.body))
		}
		return bodies
	}
	expect := func(got []string, want ...string) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("statistics %q, want %q", got, want)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("statistics %q, want %q", got, want)
			}
		}
	}

	publish(3, "old")
	publish(4, "new")
	publish(3, "new")
	publishRaw(t, js, layout.Prefix+".s.77", nil, "no partition")

	newest := NewCoordinator(js, layout).Statistics(0)
	defer newest.Close()
	expect(read(newest, 2), "4new", "3new")
	publish(15, "newer")
	expect(read(newest, 1), "15newer")

	all := NewCoordinator(js, layout).Statistics(1)
	defer all.Close()
	expect(read(all, 4), "3old", "4new", "3new", "15newer")

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, err := all.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next with nothing to come = %v", err)
	}
}
