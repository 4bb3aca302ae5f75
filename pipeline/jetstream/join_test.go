package jetstream

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// Who an anonymous customer is stands in their partition, and twice only where the
// server has forgotten the first.
func TestJoinsAreStoredOnce(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	mark := fact.JoinMark{Anonymous: "device 7", Customer: "ann", Sequence: 17, Time: 1_777_896_000_000}
	for range 3 {
		if err := input.Join(t.Context(), mark); err != nil {
			t.Fatal(err)
		}
	}
	again := mark
	again.Sequence++
	if err := input.Join(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	var got []fact.JoinMark
	home := event.PartitionOf("anonymous:device 7", layout.Partitions)
	if err := input.ReadPartition(t.Context(), home, 0, func(records []event.Record, _ uint64) error {
		for _, r := range records {
			var one fact.JoinMark
			if r.Control != event.ControlJoin || r.Forged || json.Unmarshal(r.Data, &one) != nil {
				t.Errorf("%+v is no join", r)
			}
			got = append(got, one)
		}

		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != mark || got[1] != again {
		t.Errorf("stored are %+v", got)
	}
}

// So does where they were active before, in the partition of who they are.
func TestMovesAreStoredOnce(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	mark := fact.MoveMark{
		Customer: "ann", Partition: 3, Sequence: 17, Time: 1_777_896_000_000, Final: 1_777_895_400_000,
		Traces: []fact.Trace{{Kind: "micro", Newest: 1_777_895_940_000, Active: []fact.Slices{{Slide: 60_000, Steps: []int64{29_631_590, 9}}}}},
	}
	for range 3 {
		if err := input.Move(t.Context(), mark); err != nil {
			t.Fatal(err)
		}
	}
	home := event.PartitionOf("ann", layout.Partitions)
	var got fact.MoveMark
	if r := lastControl(t, input, home); r.Control != event.ControlMove || r.Forged || json.Unmarshal(r.Data, &got) != nil || !reflect.DeepEqual(got, mark) {
		t.Errorf("stored is %+v, %s", r, r.Data)
	}
	if n := streamMessages(t, js, layout.Stream); n != 1 {
		t.Errorf("%d records are stored", n)
	}
}

// Where somebody is forgotten whom an anonymous customer has joined, the record that says
// so goes, and so do signals that do. What is about the anonymous one alone stays; it goes
// where they are forgotten.
func TestErasureOfJoins(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	const ann, device = "ann", "anonymous:d1"
	home, other := event.PartitionOf(ann, layout.Partitions), event.PartitionOf(device, layout.Partitions)
	if home == other {
		t.Fatal("both are of one partition, which is no test")
	}
	body := strings.Replace(eventOf(ann, "e", "10:00:00"), `"type"`, `"anonymous_id":"d1","type"`, 1)
	publishRaw(t, js, layout.Prefix+".events."+ann, nil, body)
	if err := input.Join(t.Context(), fact.JoinMark{Anonymous: "d1", Customer: ann, Sequence: 1, Time: 1_777_888_800_000}); err != nil {
		t.Fatal(err)
	}
	if err := input.Move(t.Context(), fact.MoveMark{Customer: ann, Partition: other, Sequence: 3, Time: 1_777_888_800_000}); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []wire.Signal{
		{Signal: wire.Raised, Level: "at_risk", Customer: device},
		{Signal: wire.Cleared, Level: "healthy", Customer: device, Joined: ann},
		{Signal: wire.Cleared, Level: "healthy", Customer: "anonymous:d2", Joined: "ben"},
	} {
		data, err := json.Marshal(signal)
		if err != nil {
			t.Fatal(err)
		}
		publishRaw(t, js, layout.Prefix+".signals."+signal.Level+".0."+event.Token(signal.Customer), nil, string(data))
	}
	held := 0
	if err := NewPersonal(js, layout, ann).Signals(t.Context(), func(StoredMessage) error { held++; return nil }); err != nil || held != 1 {
		t.Fatalf("%d signals name ann: %v", held, err)
	}
	asked, err := input.Forget(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := input.HashKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who := forget.NewHasher(secret).Of([]byte(ann))
	what := shard.Erase{From: 1, To: asked, Asked: asked}
	what.Hashes.Add(who, 1<<50)
	if err := NewEraser(js, layout).Erase(t.Context(), home, what, Erasing{}); err != nil {
		t.Fatal(err)
	}
	told := lastControl(t, input, other)
	if told.Control != event.ControlForgotten {
		t.Fatalf("the partition of the anonymous one ends with %+v", told)
	}
	if err := input.Join(t.Context(), fact.JoinMark{Anonymous: "d1", Customer: "ben", Sequence: 2}); err != nil { // another's
		t.Fatal(err)
	}
	what.From, what.To, what.Asked = 1, told.Sequence, told.Sequence
	if err := NewEraser(js, layout).Erase(t.Context(), other, what, Erasing{}); err != nil {
		t.Fatal(err)
	}
	var left []string
	if err := readThrough(t.Context(), newReader(js, layout.Stream, 1), func(d *delivery) error {
		left = append(left, string(d.message.Data))

		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(left, "\n"); strings.Contains(all, ann) || !strings.Contains(all, `"ben"`) {
		t.Errorf("left are %s", all)
	}
	if n := streamMessages(t, js, layout.StreamName(shard.Signals)); n != 2 {
		t.Errorf("%d signals are left, want those that do not name ann", n)
	}
}

// lastControl is the last record of a partition.
func lastControl(t *testing.T, input *Input, partition int) (last event.Record) {
	t.Helper()
	if err := input.ReadPartition(t.Context(), partition, 0, func(records []event.Record, _ uint64) error {
		last = records[len(records)-1]

		return nil
	}); err != nil {
		t.Fatal(err)
	}

	return last
}
