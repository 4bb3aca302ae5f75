package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/forget"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
)

// forgetting is what a partition says is to be erased of a customer by a record.
func forgetting(t *testing.T, input *Input, customer string, asked uint64) (shard.Erase, forget.Hash) {
	t.Helper()
	secret, err := input.HashKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who := forget.NewHasher(secret).Of([]byte(customer))
	what := shard.Erase{From: 1, To: asked, Asked: asked}
	what.Hashes.Add(who, 1<<50)

	return what, who
}

func holds(t *testing.T, input *Input, sequence uint64) bool {
	t.Helper()
	there, err := input.Holds(t.Context(), sequence)
	if err != nil {
		t.Fatal(err)
	}

	return there
}

// What has somebody forgotten stays until nothing waits that names them: not who reads
// outputs, not the stage of sources.
func TestErasureWaitsForReadersAndTheStage(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	const ann = "ann"
	home := event.PartitionOf(ann, layout.Partitions)
	first := publishRaw(t, js, layout.Prefix+".events.ann", nil, eventOf(ann, "e", "10:00:00"))
	asked := publishRaw(t, js, layout.Prefix+".events.ann", nil, strings.Replace(eventOf(ann, "f", "10:01:00"), "page.viewed", vocabulary.ForgottenType, 1))
	stage, err := OpenStage(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Chunk(t.Context(), "shop", []byte(eventOf(ann, "s", "10:00:00")+"\n"), SourceCursor{Stream: "ORDERS", Sequence: 1}); err != nil {
		t.Fatal(err)
	}
	what, _ := forgetting(t, input, ann, asked)
	eraser := NewEraser(js, layout)

	behind := errors.New("rows are not read yet")
	err = eraser.Erase(t.Context(), home, what, Erasing{Settle: func(context.Context) error { return behind }})
	if !errors.Is(err, behind) || !holds(t, input, first) {
		t.Fatalf("while somebody reads: %v, and the event is there: %v", err, holds(t, input, first))
	}
	if err := eraser.Erase(t.Context(), home, what, Erasing{}); !errors.Is(err, ErrStaged) {
		t.Fatalf("while the stage names them: %v, want %v", err, ErrStaged)
	}
	if holds(t, input, first) || !holds(t, input, asked) {
		t.Fatalf("while the stage names them the event is there: %v, and what asks: %v", holds(t, input, first), holds(t, input, asked))
	}
	if err := stage.Empty(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := eraser.Erase(t.Context(), home, what, Erasing{}); err != nil {
		t.Fatal(err)
	}
	if holds(t, input, asked) {
		t.Error("what asks is there, though nothing waits any more")
	}
	var left []string
	err = input.ReadPartition(t.Context(), home, 0, func(records []event.Record, _ uint64) error {
		for _, r := range records {
			left = append(left, r.Control.String())
			if strings.Contains(string(r.Data), `"`+ann) {
				t.Errorf("record %d names the customer: %s", r.Sequence, r.Data)
			}
		}

		return nil
	})
	if err != nil || !strings.Contains(fmt.Sprint(left), "forgotten") || left[len(left)-1] != "erased" {
		t.Errorf("%v: %v is left, want records without a name, and at last that it is done", err, left)
	}
}

// A stream that denies it for ever is named, with what to do; what asks stays.
func TestErasureNamesTheStreamThatDeniesIt(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	const ann = "ann"
	home := event.PartitionOf(ann, layout.Partitions)
	event := publishRaw(t, js, layout.Prefix+".events.ann", nil, eventOf(ann, "e", "10:00:00"))
	asked, err := input.Forget(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	config := stream.CachedInfo().Config
	config.DenyDelete = true
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	what, _ := forgetting(t, input, ann, asked)
	err = NewEraser(js, layout).Erase(t.Context(), home, what, Erasing{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("erase message %d of stream %s: the stream denies it for ever (deny_delete)", event, layout.Stream)) {
		t.Errorf("%v", err)
	}
	if !holds(t, input, asked) {
		t.Error("what asks is gone")
	}
}

// Dead letters whose origin can't be read, or is nowhere, go like others; somebody of
// another partition whom nobody forgot stays.
func TestErasureOfLettersOfStrangeOrigin(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	const ann = "ann"
	home := event.PartitionOf(ann, layout.Partitions)
	letter := func(of, partition, sequence string) uint64 {
		return publishRaw(t, js, layout.Prefix+".deadletters.malformed", nats.Header{
			event.HeaderPartition: {partition}, event.HeaderSequence: {sequence},
		}, eventOf(of, "e", "10:00:00"))
	}
	letter(ann, "none", "1")
	letter(ann, "0", "first")
	letter(ann, fmt.Sprint(layout.Partitions+3), "1")
	letter(ann, "-1", "1")
	letter("ben", "1", "1")
	asked, err := input.Forget(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	what, _ := forgetting(t, input, ann, asked)
	erased := map[string]int{}
	err = NewEraser(js, layout).Erase(t.Context(), home, what, Erasing{Progress: func(place string, n int) { erased[place] = n }})
	if err != nil || erased[layout.StreamName(shard.DeadLetters)] != 4 {
		t.Errorf("%v: %v erased, want 4 dead letters", err, erased)
	}
	if n := streamMessages(t, js, layout.StreamName(shard.DeadLetters)); n != 1 {
		t.Errorf("%d dead letters are left, want that of another", n)
	}
}

// A message that is gone is none to erase; a stream that is gone is an error.
func TestErasureOfWhatIsGone(t *testing.T) {
	js, layout := provisioned(t)
	eraser := NewEraser(js, layout)
	if n, err := eraser.remove(t.Context(), layout.Stream, 4711); n != 0 || err != nil {
		t.Errorf("a message that is gone: %d, %v", n, err)
	}
	if n, err := eraser.remove(t.Context(), "NOWHERE", 1); n != 0 || !errors.Is(err, natsjs.ErrStreamNotFound) {
		t.Errorf("a stream that is gone: %d, %v", n, err)
	}
	if err := eraser.keepOthers(t.Context(), 0, 4711, nil); err != nil {
		t.Errorf("the rows of others of a record that is gone: %v", err)
	}
}

// What strangers put into the streams of outputs is nobody's.
func TestPersonalPassesOverWhatIsNoOutput(t *testing.T) {
	js, layout := provisioned(t)
	home := fmt.Sprint(event.PartitionOf("ann", layout.Partitions))
	signals, late := layout.Prefix+".signals.cooling."+home+".ann", layout.Prefix+".rollups.late."+home
	publishRaw(t, js, signals, nil, `{"customer":"ann"}`)
	publishRaw(t, js, signals, nil, `{"customer":"annette"}`)
	publishRaw(t, js, signals, nil, `ann`)
	publishRaw(t, js, late, nil, `{"customer":"ann","id":"1"}`)
	publishRaw(t, js, late, nil, `{"customer":"annette","id":"ann"}`)
	publishRaw(t, js, late, nil, `["ann"]`)
	full := errors.New("no more")
	for name, read := range map[string]func(context.Context, func(StoredMessage) error) error{
		"signals": NewPersonal(js, layout, "ann").Signals, "late events": NewPersonal(js, layout, "ann").Late,
	} {
		var bodies []string
		if err := read(t.Context(), func(m StoredMessage) error { bodies = append(bodies, string(m.Body)); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(bodies) != 1 || !strings.HasPrefix(bodies[0], `{"customer":"ann"`) {
			t.Errorf("%s of ann: %q", name, bodies)
		}
		if err := read(t.Context(), func(StoredMessage) error { return full }); !errors.Is(err, full) {
			t.Errorf("%s: who takes them has failed, and it says %v", name, err)
		}
	}
}
