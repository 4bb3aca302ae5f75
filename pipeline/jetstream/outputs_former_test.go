package jetstream

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// asFormer publishes as earlier versions did: the marker among the outputs.
func asFormer(t *testing.T, o *Outputs, stream shard.Stream, partition int, last uint64, marker own.Marker) (uint64, error) {
	t.Helper()
	key, err := o.keys.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(sealedMarker{marker, last})
	if err != nil {
		t.Fatal(err)
	}
	subject := o.layout.formerMarkerSubject(stream, partition)
	message := batchMessage{subject: subject, data: key.sealBody(subject, body)}

	return newBatch(o.js, o.layout.StreamName(stream), false).alone(t.Context(), &message, subject, last)
}

// An installation whose markers are where earlier versions kept them goes on: the last
// one is found there, the next is on the subject of its own, and a former owner of the
// earlier version can't publish any more, whenever it tries.
func TestMarkersMoveToTheirOwnSubject(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	for stream := range shard.Stream(shard.Streams) {
		t.Run(stream.String(), func(t *testing.T) {
			old, outputs := NewOutputs(js, layout), NewOutputs(js, layout)
			var last uint64
			for cut := range uint64(3) {
				var err error
				if last, err = asFormer(t, old, stream, 2, last, own.Marker{Cut: cut + 1, Chunk: 1, Of: 1, Sequence: cut + 7}); err != nil {
					t.Fatal(err)
				}
			}
			for _, known := range []uint64{0, last} {
				if marker, err := outputs.Marker(ctx, stream, 2, known); err != nil || marker.Cut != 3 || marker.Stored != last || marker.Fence != 0 {
					t.Fatalf("marker %+v, %v, want that of cut 3 with no fence", marker, err)
				}
			}

			// The former owner publishes between the look and the next batch.
			late, err := asFormer(t, old, stream, 2, last, own.Marker{Cut: 4, Chunk: 1, Of: 1, Sequence: 20})
			if err != nil {
				t.Fatal(err)
			}
			if marker, err := outputs.Marker(ctx, stream, 2, last); err != nil || marker.Cut != 4 || marker.Stored != late {
				t.Fatalf("marker %+v, %v, want that of cut 4", marker, err)
			}
			moved, err := outputs.Publish(ctx, stream, 2, 0, nil, own.Marker{Cut: 5, Chunk: 1, Of: 1, Sequence: 30})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := asFormer(t, old, stream, 2, late, own.Marker{Cut: 5, Chunk: 1, Of: 1, Sequence: 31}); !errors.Is(err, own.ErrFenced) {
				t.Errorf("the former owner published: %v", err)
			}
			for _, known := range []uint64{0, last, moved} {
				if marker, err := outputs.Marker(ctx, stream, 2, known); err != nil || marker.Cut != 5 || marker.Stored != moved || marker.Fence != moved {
					t.Fatalf("marker %+v, %v, want that of cut 5", marker, err)
				}
			}
			if _, err := outputs.Publish(ctx, stream, 2, moved, nil, own.Marker{Cut: 6, Chunk: 1, Of: 1, Sequence: 40}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A crash right after the former subject was closed loses nothing: the marker before it
// still counts.
func TestMarkersMoveThroughACrash(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	outputs := NewOutputs(js, layout)
	last, err := asFormer(t, outputs, shard.Signals, 1, 0, own.Marker{Cut: 1, Chunk: 1, Of: 1, Sequence: 7})
	if err != nil {
		t.Fatal(err)
	}
	key, err := outputs.keys.get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // closed is closed
		if err := outputs.closeFormer(ctx, key, shard.Signals, 1); err != nil {
			t.Fatal(err)
		}
	}
	again := NewOutputs(js, layout).OnStranger(func(s Stranger) { t.Errorf("ebb's own message is told as a stranger's: %+v", s) })
	if marker, err := again.Marker(ctx, shard.Signals, 1, 0); err != nil || marker.Cut != 1 || marker.Stored != last || marker.Fence != 0 {
		t.Fatalf("marker %+v, %v", marker, err)
	}
	if _, err := again.Publish(ctx, shard.Signals, 1, 0, nil, own.Marker{Cut: 2, Chunk: 1, Of: 1, Sequence: 9}); err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(ctx, layout.StreamName(shard.Signals))
	if err != nil {
		t.Fatal(err)
	}
	if have := stream.CachedInfo().State.Msgs; have != 3 {
		t.Errorf("%d messages, want a marker, one that closes its subject, and a marker", have)
	}
}

// Streams of earlier versions get the subjects of markers.
func TestFormerStreamsGetTheSubjectsOfMarkers(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	for stream := range shard.Stream(shard.Streams) {
		name := layout.StreamName(stream)
		had, err := js.Stream(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		config := had.CachedInfo().Config
		config.Subjects = config.Subjects[:len(config.Subjects)-1]
		if _, err := js.UpdateStream(ctx, config); err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(ctx, layout.MarkerSubject(stream, 0), nil, natsjs.WithRetryAttempts(0)); err == nil {
			t.Fatalf("stream %s takes markers, so the test shows nothing", name)
		}
	}
	if err := Provision(ctx, js, layout); err != nil {
		t.Fatal(err)
	}
	for stream := range shard.Stream(shard.Streams) {
		if _, err := js.Publish(ctx, layout.MarkerSubject(stream, 0), []byte(strconv.Itoa(int(stream)))); err != nil {
			t.Errorf("stream %s does not take markers: %v", stream, err)
		}
	}
}
