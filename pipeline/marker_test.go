package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Retention removes the marker of a stream that a partition seldom publishes
// to, as the dead letters. The owner keeps the markers young, so that the next
// taking over finds them.
func TestMarkersStayYoung(t *testing.T) {
	m, config := newMemory(), smallConfig()
	config.Partitions = 1
	clock := int64(1_700_000_000_000)
	add := func(control event.Control, body string) {
		clock += 1000
		m.append(event.Record{
			Lane: event.LaneHistory, Control: control, Clock: clock, Stored: clock, Data: []byte(body),
		})
	}
	add(event.ControlStart, `{"import":"i"}`)
	add(event.ControlNone, "{")
	add(event.ControlTick, "{}")
	if err := run(t, m, config, "one", 1); err != nil {
		t.Fatal(err)
	}
	first := m.markers[shard.DeadLetters][0]
	if first.Cut == 0 {
		t.Fatal("the dead letter was not published")
	}

	for range 5 {
		add(event.ControlTick, "{}")
	}
	if err := run(t, m, config, "two", 1); err != nil {
		t.Fatal(err)
	}
	if now := m.markers[shard.DeadLetters][0]; now.Cut <= first.Cut || now.Stored <= first.Stored {
		t.Errorf("the marker is still %+v after %+v", now, first)
	}
	if now := m.markers[shard.Signals][0]; now != (own.Marker{}) {
		t.Errorf("a marker %+v came on a stream without outputs", now)
	}
	if letters := m.published(shard.DeadLetters); len(letters) != 1 {
		t.Errorf("%d dead letters, want 1", len(letters))
	}
	add(event.ControlNone, "}")
	add(event.ControlTick, "{}")
	if err := run(t, m, config, "three", 1); err != nil {
		t.Fatal(err)
	}
	if letters := m.published(shard.DeadLetters); len(letters) != 2 {
		t.Errorf("%d dead letters, want 2", len(letters))
	}
}

// An output stream that lost its end while the owner runs holds a marker
// before the last one known: what was between is gone, and going on would
// leave it out for good.
func TestRewoundOutputsStopTheOwner(t *testing.T) {
	m, config := newMemory(), smallConfig()
	history(m, config, 37, 900, 25)
	publishes := 0
	held := map[int]own.Marker{}
	m.fault = func(operation string, after bool) error {
		if operation != "publish" || after {
			return nil
		}
		publishes++
		for partition, marker := range m.markers[shard.Rollups] {
			if before, ok := held[partition]; ok && marker.Cut > before.Cut {
				m.markers[shard.Rollups][partition] = before // whoever publishes next finds it
			} else if publishes >= 3 && !ok {
				held[partition] = marker
			}
		}

		return nil
	}
	err := run(t, m, config, "rewound", time.Hour)
	if !errors.Is(err, own.ErrRecovery) || !strings.Contains(err.Error(), "rollups") {
		t.Errorf("got %v, want ErrRecovery that names the stream", err)
	}
}

// A manifest that was deleted is one that never was: the partition begins
// anew, and the markers keep it from publishing twice.
func TestDeletedManifestBeginsAnew(t *testing.T) {
	m, config := newMemory(), smallConfig()
	history(m, config, 41, 400, 10)
	if err := run(t, m, config, "before", 1); err != nil {
		t.Fatal(err)
	}
	want := len(m.published(shard.Rollups))
	clear(m.manifests) // the revisions stay, as in a bucket
	if err := run(t, m, config, "after", 1); err != nil {
		t.Fatal(err)
	}
	if got := len(m.published(shard.Rollups)); got != want {
		t.Errorf("%d messages, want the %d of before", got, want)
	}
}

// An owner that has to begin anew while the input has lost its beginning makes
// other cuts than before. It must not take the markers for its own and leave
// out what comes.
func TestBeginningAnewWithoutTheBeginningDiverges(t *testing.T) {
	m, config := newMemory(), smallConfig()
	history(m, config, 43, 600, 10)
	if err := run(t, m, config, "before", time.Hour); err != nil {
		t.Fatal(err)
	}
	clear(m.manifests)
	history(m, config, 47, 30, 10)
	ports := m.ports()
	ports.Input = removedInput{m, 580}
	instance, err := own.NewInstance(t.Context(), config, ports, own.Options{Nonce: "after"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := instance.Run(ctx); !errors.Is(err, own.ErrDiverged) {
		t.Errorf("got %v, want ErrDiverged", err)
	}
}

// removedInput is an input whose records before first were removed.
type removedInput struct {
	own.Input
	first uint64
}

func (r removedInput) Open(ctx context.Context, sequence uint64, partitions ...int) (own.Source, error) {
	return r.Input.Open(ctx, max(sequence, r.first), partitions...)
}
