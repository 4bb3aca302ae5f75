package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
)

// A source of some partitions reads these alone, in order and in all lanes, and
// says how far the stream was looked through, also where it holds others' records
// alone.
func TestSourceOfSomePartitions(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	publishEvents(t, js, layout, 0, 300)
	for _, partition := range []int{2, 5, 9} {
		if err := input.Tick(t.Context(), partition); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	served := []int{2, 9}
	for _, record := range readRecords(t, open(t, js, layout, 1), 303) {
		if slices.Contains(served, record.Partition) && record.Sequence >= 20 {
			want = append(want, fmt.Sprint(record.Sequence, record.Subject, record.Control))
		}
	}
	opened, err := input.Open(t.Context(), 20, served...)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var got []string
	for _, record := range readRecords(t, opened, len(want)) {
		got = append(got, fmt.Sprint(record.Sequence, record.Subject, record.Control))
	}
	if !slices.Equal(got, want) {
		t.Errorf("read\n%v\nwant\n%v", got, want)
	}

	for range 3 { // others' records
		if err := input.Tick(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
	}
	next := nextOf(t, opened)
	looking := opened.(own.Looking)
	looksTo(t, looking, 306)
	if err := input.Tick(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	if err := <-next; err != nil {
		t.Error(err)
	}
	if looking.LookedTo() > 306 {
		t.Errorf("looked to %d before the record there was taken", looking.LookedTo())
	}
	if _, err := input.Open(t.Context(), 1, layout.Partitions); err == nil {
		t.Error("opened for a partition that is not there")
	}
}

// What the stream's limits removed before a source of some partitions read it is
// not passed over in silence. Others' records may go.
func TestSourceOfSomePartitionsFindsWhatWasRemoved(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	for range 30 {
		for _, partition := range []int{1, 4} {
			if err := input.Tick(t.Context(), partition); err != nil {
				t.Fatal(err)
			}
		}
	}
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := input.Open(t.Context(), 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	purgeTo(t, stream, 40)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if _, err := opened.Next(ctx); !errors.Is(err, ErrRemoved) {
		t.Errorf("read on after a hole with %v, want ErrRemoved", err)
	}

	whole, err := input.Open(t.Context(), 45, 1) // 45, 47, … 59
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	readRecords(t, whole, 8)
	next := nextOf(t, whole)
	looksTo(t, whole.(own.Looking), 60)
	if err := input.Tick(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	looksTo(t, whole.(own.Looking), 61)
	purgeTo(t, stream, 62) // all of them were read
	if err := input.Tick(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := <-next; err != nil {
		t.Errorf("what was read and then removed is taken for a hole: %v", err)
	}
}

// nextOf waits for the next records of a source.
func nextOf(t *testing.T, source own.Source) <-chan error {
	t.Helper()
	next := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	go func() {
		_, err := source.Next(ctx)
		next <- err
	}()

	return next
}

// looksTo waits until a source has looked so far, while nothing is there for it.
func looksTo(t *testing.T, source own.Looking, sequence uint64) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); source.LookedTo() < sequence; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("looked to %d only, want %d", source.LookedTo(), sequence)
		}
	}
}

func purgeTo(t *testing.T, stream natsjs.Stream, sequence uint64) {
	t.Helper()
	if err := stream.Purge(t.Context(), natsjs.WithPurgeSequence(sequence)); err != nil {
		t.Fatal(err)
	}
}
