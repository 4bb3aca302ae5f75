package jetstream

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// readPartition collects the sequences of a partition's records.
func readPartition(t *testing.T, in *Input, partition int, from uint64) (sequences []uint64, left []uint64) {
	t.Helper()
	err := in.ReadPartition(t.Context(), partition, from, func(records []event.Record, after uint64) error {
		for _, record := range records {
			if record.Partition != partition {
				t.Errorf("record %d is of partition %d", record.Sequence, record.Partition)
			}
			sequences = append(sequences, record.Sequence)
		}
		left = append(left, after)

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return sequences, left
}

// What a partition's reader reads is what all readers read of the partition,
// on all lanes and in order, and it ends where the stream does: whatever the
// stream's last message is.
func TestReadPartitionReadsItsRecordsToTheEnd(t *testing.T) {
	js, layout := provisioned(t)
	in := NewInput(js, layout)
	if got, _ := readPartition(t, in, 3, 1); len(got) != 0 {
		t.Errorf("an empty stream: %v", got)
	}
	publishEvents(t, js, layout, 0, 3000)
	publishOwn(t, js, layout, layout.laneSubject(laneControl, 3), nats.Header{event.HeaderControl: {"tick"}}, "{}")
	publishOwn(t, js, layout, layout.laneSubject(laneHistory, 3), nats.Header{event.HeaderClock: {"1000"}}, "{}")
	publishEvents(t, js, layout, 3000, 3000)

	var want []uint64
	for _, record := range readRecords(t, open(t, js, layout, 1), 6002) {
		if record.Partition == 3 {
			want = append(want, record.Sequence)
		}
	}
	publishRaw(t, js, layout.importSubject(), nil, "{}") // no record of any partition

	got, left := readPartition(t, in, 3, 0)
	if !slices.Equal(got, want) || len(want) < 100 {
		t.Errorf("%d records, want %d", len(got), len(want))
	}
	if left[len(left)-1] != 0 || !slices.IsSortedFunc(left, func(a, b uint64) int { return int(b) - int(a) }) {
		t.Errorf("left to read: %v", left)
	}
	half := want[len(want)/2]
	if got, _ := readPartition(t, in, 3, half); !slices.Equal(got, want[len(want)/2:]) {
		t.Errorf("from %d: %d records, want %d", half, len(got), len(want)-len(want)/2)
	}
	if got, _ := readPartition(t, in, 3, want[len(want)-1]+1); len(got) != 0 {
		t.Errorf("behind the last record: %v", got)
	}

	stopped := errors.New("enough")
	err := in.ReadPartition(t.Context(), 3, 1, func([]event.Record, uint64) error { return stopped })
	if !errors.Is(err, stopped) {
		t.Errorf("got %v, want the error of take", err)
	}
	if err := in.ReadPartition(t.Context(), 16, 1, nil); err == nil {
		t.Error("partition 16 of 0 to 15 was read")
	}
}

// A filtered reader can't see holes, so the stream's front is looked at.
func TestReadPartitionTellsOfRemovedRecords(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 0, 500)
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context(), natsjs.WithPurgeSequence(401)); err != nil {
		t.Fatal(err)
	}
	in := NewInput(js, layout)
	err = in.ReadPartition(t.Context(), 3, 200, func([]event.Record, uint64) error { return nil })
	if !errors.Is(err, ErrRemoved) {
		t.Errorf("from a removed record: %v, want ErrRemoved", err)
	}
	if got, _ := readPartition(t, in, 3, 1); len(got) == 0 || got[0] < 401 {
		t.Errorf("from the first that is left: %v", got)
	}
}

func TestCheckInputChangesNothing(t *testing.T) {
	js, layout := provisioned(t)
	if err := CheckInput(t.Context(), js, layout); err != nil {
		t.Error(err)
	}
	other := layout
	other.Partitions = 8
	if err := CheckInput(t.Context(), js, other); !errors.Is(err, ErrPartitions) {
		t.Errorf("got %v, want ErrPartitions", err)
	}
	other = Layout{Prefix: "shop", Stream: "SHOP"}
	if err := CheckInput(t.Context(), js, other); !errors.Is(err, natsjs.ErrStreamNotFound) {
		t.Errorf("got %v, want ErrStreamNotFound", err)
	}
	if _, err := js.Stream(t.Context(), "SHOP"); !errors.Is(err, natsjs.ErrStreamNotFound) {
		t.Errorf("the stream was made: %v", err)
	}
}

func TestNewestSignalsOfACustomer(t *testing.T) {
	js, layout := provisioned(t)
	signals := NewSignals(js, layout)
	if got, err := signals.Newest(t.Context(), 3, "ann", 5); err != nil || len(got) != 0 {
		t.Errorf("no signals: %v, %v", got, err)
	}
	for episode := range 9 {
		level := []string{"cooling", "healthy"}[episode%2]
		for _, customer := range []string{"ann", "ben"} {
			publishRaw(t, js, "engagement.signals."+level+".3."+customer, nil, fmt.Sprintf(`{"customer":%q,"level":%q,"episode":%d}`, customer, level, episode+1))
		}
	}
	publishRaw(t, js, layout.MarkerSubject(shard.Signals, 3), nil, `{"cut":1}`)
	for _, test := range []struct{ limit, count int }{{5, 5}, {100, 9}} {
		got, err := signals.Newest(t.Context(), 3, "ann", test.limit)
		if err != nil || len(got) != test.count {
			t.Fatalf("at most %d: %d signals, %v", test.limit, len(got), err)
		}
		if !slices.IsSortedFunc(got, func(a, b wire.Signal) int { return int(a.Episode) - int(b.Episode) }) || got[len(got)-1].Episode != 9 {
			t.Errorf("at most %d: %+v", test.limit, got)
		}
		if slices.ContainsFunc(got, func(s wire.Signal) bool { return s.Customer != "ann" }) {
			t.Errorf("signals of others: %+v", got)
		}
	}

	publishRaw(t, js, "engagement.signals.cooling.3.cleo", nil, "no JSON")
	if got, err := signals.Newest(t.Context(), 3, "cleo", 5); err != nil || len(got) != 0 {
		t.Errorf("bytes that are no signal: %+v, %v, want them to be passed over", got, err)
	}
}
