package jetstream

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Partitions that publish at the same time share batches. Each gets the sequence
// of its own marker, behind its own messages.
func TestPartitionsShareBatches(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	const rounds = 30
	var mu sync.Mutex
	markers := map[uint64]int{} // partition by sequence
	var all sync.WaitGroup
	for partition := range layout.Partitions {
		all.Go(func() {
			last := uint64(0)
			for round := range rounds {
				stored, err := outputs.Publish(t.Context(), shard.Rollups, partition, last, rows(partition, (partition+round)%5), own.Marker{Cut: uint64(round + 1)})
				if err != nil {
					t.Errorf("partition %d, round %d: %v", partition, round, err)

					return
				}
				mu.Lock()
				markers[stored], last = partition, stored
				mu.Unlock()
			}
		})
	}
	all.Wait()

	stream := leader{js, layout.StreamName(shard.Rollups)}
	state := streamState(t, js, stream.stream)
	for sequence, behind := uint64(1), 0; sequence <= state.Last; sequence++ {
		message, err := stream.at(t.Context(), sequence)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := markers[sequence]; !ok {
			behind++

			continue
		}
		partition := markers[sequence]
		if want := layout.MarkerSubject(shard.Rollups, partition); message.Subject != want {
			t.Fatalf("message %d is on %s, want the marker on %s", sequence, message.Subject, want)
		}
		for _, m := range rows(partition, behind) {
			own, err := stream.at(t.Context(), sequence-uint64(behind))
			if err != nil || own.Subject != layout.Prefix+"."+m.Subject {
				t.Fatalf("%d messages before the marker at %d stands one on %s, %v", behind, sequence, own.Subject, err)
			}
			behind--
		}
	}
	if len(markers) != rounds*layout.Partitions {
		t.Errorf("%d markers, want %d", len(markers), rounds*layout.Partitions)
	}
}

// hold keeps a group sending until the test lets it go, so that others wait.
func hold(t *testing.T, g *group) (release func()) {
	t.Helper()
	g.mu.Lock()
	g.sending = true
	g.mu.Unlock()

	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.sending = len(g.waiting) > 0; g.sending {
			close(g.waiting[0].turn)
		}
	}
}

// waitFor returns when so many wait.
func waitFor(t *testing.T, g *group, count int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		g.mu.Lock()
		have := len(g.waiting)
		g.mu.Unlock()
		if have == count {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d wait, want %d", have, count)
		}
	}
}

// One that is fenced spoils the batch for the others; each then goes alone.
func TestAFencedPartitionStopsNoOther(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	g := &outputs.groups[shard.Rollups]
	if _, err := outputs.Publish(t.Context(), shard.Rollups, 1, 0, nil, own.Marker{Cut: 1}); err != nil {
		t.Fatal(err)
	}
	release := hold(t, g)
	results := make([]error, 4)
	stored := make([]uint64, 4)
	var all sync.WaitGroup
	for partition := range results {
		all.Go(func() {
			stored[partition], results[partition] = outputs.Publish(t.Context(), shard.Rollups, partition, 0, rows(partition, 3), own.Marker{Cut: 2})
		})
		waitFor(t, g, partition+1)
	}
	release()
	all.Wait()
	for partition, err := range results {
		if fenced := partition == 1; errors.Is(err, own.ErrFenced) != fenced || !fenced && err != nil {
			t.Errorf("partition %d: %v", partition, err)
		}
	}
	if !slices.Equal(stored, []uint64{5, 0, 9, 13}) {
		t.Errorf("markers are at %v", stored)
	}
}

// All of a group go in one batch: their markers lie one behind the other.
func TestAGroupIsOneBatch(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	g := &outputs.groups[shard.Rollups]
	release := hold(t, g)
	stored := make([]uint64, 4)
	var all sync.WaitGroup
	for partition := range stored {
		all.Go(func() {
			var err error
			if stored[partition], err = outputs.Publish(t.Context(), shard.Rollups, partition, 0, rows(partition, partition), own.Marker{Cut: 1}); err != nil {
				t.Error(err)
			}
		})
		waitFor(t, g, partition+1)
	}
	release()
	all.Wait()
	if !slices.Equal(stored, []uint64{1, 3, 6, 10}) {
		t.Errorf("markers are at %v", stored)
	}
	message, err := leader{js, g.stream}.at(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	header, err := message.header()
	if err != nil || header.Get(headerBatchSequence) != "10" {
		t.Errorf("the last marker is number %q of its batch, %v, want 10", header.Get(headerBatchSequence), err)
	}
}

// Who gives up while waiting sends nothing, and keeps nobody.
func TestGivingUpWhileOthersAreSent(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	g := &outputs.groups[shard.Rollups]
	release := hold(t, g)
	ctx, cancel := context.WithCancel(t.Context())
	var gaveUp, other error
	var all sync.WaitGroup
	all.Go(func() {
		_, gaveUp = outputs.Publish(ctx, shard.Rollups, 0, 0, rows(0, 3), own.Marker{Cut: 1})
	})
	waitFor(t, g, 1)
	all.Go(func() {
		_, other = outputs.Publish(t.Context(), shard.Rollups, 1, 0, rows(1, 3), own.Marker{Cut: 1})
	})
	waitFor(t, g, 2)
	cancel()
	waitFor(t, g, 1)
	release()
	all.Wait()
	if !errors.Is(gaveUp, context.Canceled) || errors.Is(gaveUp, ErrUnknownOutcome) || other != nil {
		t.Errorf("gave up: %v; the other: %v", gaveUp, other)
	}
	if got := streamState(t, js, g.stream); got.Last != 4 {
		t.Errorf("%d messages are stored, want 4", got.Last)
	}
}

// A server that does not answer leaves all of a group in doubt, and nobody waits
// for longer than any of them would.
func TestALostAnswerIsUnknownToTheGroup(t *testing.T) {
	js, layout := provisioned(t)
	proxy := startDeafProxy(t, js.Conn().ConnectedUrl())
	outputs := NewOutputs(connect(t, proxy.url()), layout)
	g := &outputs.groups[shard.Rollups]
	if _, err := outputs.keys.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	release := hold(t, g)
	ctx, cancel := context.WithCancel(t.Context())
	results := make([]error, 3)
	var all sync.WaitGroup
	for partition := range results {
		all.Go(func() {
			_, results[partition] = outputs.Publish(ctx, shard.Rollups, partition, 0, rows(partition, 2), own.Marker{Cut: 1})
		})
		waitFor(t, g, partition+1)
	}
	proxy.deaf.Store(true)
	release()
	waitFor(t, g, 0)
	var stored uint64
	for deadline := time.Now().Add(30 * time.Second); stored == 0 && time.Now().Before(deadline); {
		stored = streamState(t, js, g.stream).Last
	}
	cancel()
	all.Wait()
	for partition, err := range results {
		if !errors.Is(err, ErrUnknownOutcome) {
			t.Errorf("partition %d: %v, want an unknown outcome", partition, err)
		}
		marker, err := NewOutputs(js, layout).Marker(t.Context(), shard.Rollups, partition, 0)
		if err != nil || marker.Cut != 1 || marker.Stored != uint64(3*(partition+1)) {
			t.Errorf("partition %d: marker %+v, %v", partition, marker, err)
		}
	}
}

func TestGroupsFitTheServer(t *testing.T) {
	small := func(n int) *publication { return &publication{messages: make([]batchMessage, n)} }
	large := func(bytes int) *publication { return &publication{bytes: bytes} }
	for name, c := range map[string]struct {
		waiting []*publication
		want    int
	}{
		"one":                    {[]*publication{small(999)}, 1},
		"as many as may be":      {[]*publication{small(499), small(499)}, 2},
		"one more":               {[]*publication{small(499), small(500)}, 1},
		"one that is large":      {[]*publication{large(groupBytes + 1), small(0)}, 1},
		"one that is large last": {[]*publication{small(0), large(groupBytes), large(1)}, 2},
	} {
		if got := fitting(c.waiting); got != c.want {
			t.Errorf("%s: %d share a batch, want %d", name, got, c.want)
		}
	}
}
