package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

func TestEventsGoToThePartitionOfTheirToken(t *testing.T) {
	js, layout := provisioned(t)
	const customers = 500
	tokens := make([]string, customers)
	for i := range customers {
		tokens[i] = event.Token(fmt.Sprintf("customer %d/%d", i, i*i)) // a blank: encoded
		if i%2 == 0 {
			tokens[i] = event.Token(fmt.Sprintf("customer-%d", i))
		}
		if _, err := js.PublishAsync(layout.Prefix+".events."+tokens[i], []byte(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	<-js.PublishAsyncComplete()

	for i, record := range readRecords(t, open(t, js, layout, 0), customers) {
		if want := event.Partition(tokens[i], layout.Partitions); record.Partition != want {
			t.Errorf("token %q: the server chose partition %d, event.Partition %d", tokens[i], record.Partition, want)
		}
		if string(record.Data) != strconv.Itoa(i) || record.Sequence != uint64(i+1) {
			t.Errorf("record %d = %+v, want event %d at sequence %d", i, record, i, i+1)
		}
	}
}

func TestRecordsOfEachLane(t *testing.T) {
	js, layout := provisioned(t)
	control := func(name string) nats.Header { return nats.Header{event.HeaderControl: {name}} }
	history := func(clock, name string) nats.Header {
		h := nats.Header{}
		if clock != "" {
			h.Set(event.HeaderClock, clock)
		}
		if name != "" {
			h.Set(event.HeaderControl, name)
		}
		return h
	}

	rows := func(count, name string) nats.Header {
		h := history("7", name)
		h[event.HeaderRows] = []string{count}
		return h
	}
	ofRows := func(rows int) event.Record {
		return event.Record{Clock: -1, Lane: event.LaneHistory, Rows: rows}
	}

	const live = -1 // a clock: the store time
	cases := []struct {
		name    string
		subject string
		header  nats.Header
		want    event.Record // on lanes of ebb's own, with its seal, but where it is Forged
	}{
		{"event", "events.a", nil, event.Record{Clock: live}},
		{"event with a message id", "events.a", nats.Header{"Nats-Msg-Id": {"1"}}, event.Record{Clock: live}},
		{"event that forges control", "events.a", control("tick"), event.Record{Clock: live, Forged: true}},
		{"event that forges a clock", "events.a", nats.Header{"eBB-clock": {"1"}}, event.Record{Clock: live, Forged: true}},
		{"tick", "c.3", control("tick"), event.Record{Clock: live, Lane: event.LaneControl, Control: event.ControlTick}},
		{"model", "c.3", control("model"), event.Record{Clock: live, Lane: event.LaneControl, Control: event.ControlModel}},
		{"control without a type", "c.3", nil, event.Record{Clock: live, Lane: event.LaneControl, Control: event.ControlUnknown}},
		{"control of tomorrow", "c.3", control("merge"), event.Record{Clock: live, Lane: event.LaneControl, Control: event.ControlUnknown}},
		{"history", "h.3", history("1700000000123", ""), event.Record{Clock: 1700000000123, Lane: event.LaneHistory}},
		{"history before 1970", "h.3", history("-5", ""), event.Record{Clock: -5, Lane: event.LaneHistory}},
		{"history tick", "h.3", history("7", "tick"), event.Record{Clock: 7, Lane: event.LaneHistory, Control: event.ControlTick}},
		{"history without a clock", "h.3", history("", ""), event.Record{Clock: live, Lane: event.LaneHistory, Unclocked: true}},
		{"history with a bad clock", "h.3", history("7.5", "end"), event.Record{Clock: live, Lane: event.LaneHistory, Control: event.ControlEnd, Unclocked: true}},
		{"rows of history", "h.3", rows("17", ""), ofRows(17)},
		{"as many rows as may be", "h.3", rows(strconv.Itoa(event.MaxRows), ""), ofRows(event.MaxRows)},
		{"more rows than may be", "h.3", rows(strconv.Itoa(event.MaxRows+1), ""), ofRows(-1)},
		{"far more rows", "h.3", rows("99999999999999999999", ""), ofRows(-1)},
		{"no rows", "h.3", rows("0", ""), ofRows(-1)},
		{"rows less than none", "h.3", rows("-4", ""), ofRows(-1)},
		{"rows that are not said", "h.3", rows("", ""), ofRows(-1)},
		{"rows that are no number", "h.3", rows("many", ""), ofRows(-1)},
		{"a tick of rows", "h.3", rows("2", "tick"), event.Record{Clock: 7, Lane: event.LaneHistory, Control: event.ControlTick}},
		{"an event that says rows", "events.a", nats.Header{event.HeaderRows: {"2"}}, event.Record{Clock: live, Forged: true}},
		{"a stranger's rows", "h.3", rows("2", ""), event.Record{Clock: live, Forged: true, Partition: 3}},
		{"a stranger's tick", "c.3", control("tick"), event.Record{Clock: live, Forged: true, Partition: 3}},
		{"a stranger's start", "h.3", history("7", "start"), event.Record{Clock: live, Forged: true, Partition: 3}},
		{"a stranger's history", "h.3", history("7", ""), event.Record{Clock: live, Forged: true, Partition: 3}},
		{"the importer's marker", "import", nil, event.Record{Sequence: 0}},
		{"a partition beyond the last", "c.16", control("tick"), event.Record{Sequence: 0}},
		{"no partition", "c.x", control("tick"), event.Record{Sequence: 0}},
		{"last", "c.15", control("start"), event.Record{Clock: live, Lane: event.LaneControl, Control: event.ControlStart, Partition: 15}},
	}

	before := time.Now().UnixMilli()
	want := map[uint64]int{} // sequence to case
	for i, c := range cases {
		publish := func() uint64 { return publishRaw(t, js, layout.Prefix+"."+c.subject, c.header, c.name) }
		if c.want.Lane != event.LaneEvent {
			publish = func() uint64 { return publishOwn(t, js, layout, layout.Prefix+"."+c.subject, c.header, c.name) }
		}
		sequence := publish()
		if c.want.Clock != 0 {
			want[sequence] = i
		}
	}

	for _, got := range readRecords(t, open(t, js, layout, 0), len(want)) {
		i, ok := want[got.Sequence]
		if !ok {
			t.Errorf("record %+v is none", got)
			continue
		}
		c := cases[i]
		if string(got.Data) != c.name {
			t.Errorf("%s: data %q", c.name, got.Data)
		}
		if got.Stored < before-1 || got.Stored > time.Now().UnixMilli()+1 {
			t.Errorf("%s: stored %d is not the store time", c.name, got.Stored)
		}
		got.Stored = 0
		if c.want.Clock == live {
			if got.Clock < before-1 || got.Clock > time.Now().UnixMilli()+1 {
				t.Errorf("%s: clock %d is not the store time", c.name, got.Clock)
			}
			got.Clock = live
		}
		if c.want.Lane != event.LaneEvent && c.want.Partition == 0 {
			c.want.Partition = 3
		}
		if c.subject == "events.a" {
			c.want.Partition = event.Partition("a", layout.Partitions)
		}
		if want := layout.Prefix + "." + c.subject; got.Subject != want && c.subject != "events.a" {
			t.Errorf("%s: subject %s, want %s", c.name, got.Subject, want)
		}
		got.Sequence, got.Data, got.Subject = 0, nil, ""
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestRecordLastAndTick(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	ctx := t.Context()

	if last, err := input.Last(ctx); err != nil || last != 0 {
		t.Errorf("Last of an empty stream = %d, %v", last, err)
	}
	if err := input.Tick(ctx, 5); err != nil {
		t.Fatal(err)
	}
	if err := input.Tick(ctx, 16); err == nil {
		t.Error("a tick for partition 16 of 16 was published")
	}
	if last, err := input.Last(ctx); err != nil || last != 1 {
		t.Errorf("Last = %d, %v, want 1", last, err)
	}

	record := readRecords(t, open(t, js, layout, 1), 1)[0]
	if record.Control != event.ControlTick || record.Partition != 5 || record.Lane != event.LaneControl {
		t.Errorf("tick came as %+v", record)
	}
	storedAt, data, err := input.Record(ctx, 1)
	if err != nil || storedAt != record.Clock || !bytes.Equal(data, record.Data) {
		t.Errorf("Record(1) = %d, %q, %v; the source gave %d, %q", storedAt, data, err, record.Clock, record.Data)
	}
	for _, absent := range []uint64{2, 1000} {
		if _, _, err := input.Record(ctx, absent); !errors.Is(err, own.ErrNoRecord) {
			t.Errorf("Record(%d) = %v, want ErrNoRecord", absent, err)
		}
	}
}

func TestOpenInTheMiddleAndBeyondTheEnd(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 10)

	if got := readRecords(t, open(t, js, layout, 7), 4); got[0].Sequence != 7 {
		t.Errorf("first record %d, want 7", got[0].Sequence)
	}

	next := open(t, js, layout, 11)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := next.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next with nothing to come = %v, want the context's error", err)
	}
	publishEvents(t, js, layout, 11, 1)
	if got := readRecords(t, next, 1); got[0].Sequence != 11 {
		t.Errorf("record %d, want 11", got[0].Sequence)
	}
}

func TestRewoundStreamIsNoticed(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 10)

	// Somebody who has read up to 20 finds a stream that ends at 10.
	if _, err := open(t, js, layout, 21).Next(t.Context()); !errors.Is(err, ErrRewound) {
		t.Errorf("Next = %v, want ErrRewound", err)
	}

	// Somebody who reads meets it when the stream is made anew.
	s := open(t, js, layout, 1)
	readRecords(t, s, 10)
	if err := js.DeleteStream(t.Context(), layout.Stream); err != nil {
		t.Fatal(err)
	}
	provision(t, js, layout)
	publishEvents(t, js, layout, 1, 3)
	if _, err := s.Next(t.Context()); !errors.Is(err, ErrRewound) {
		t.Errorf("Next on a new stream = %v, want ErrRewound", err)
	}
}

func TestRemovedRecordsAreNoticedAndErasedOnesPassed(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 10)
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}

	if err := stream.DeleteMsg(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	got := readRecords(t, open(t, js, layout, 5), 5)
	if got[0].Sequence != 5 || got[1].Sequence != 7 {
		t.Errorf("records %d and %d, want 5 and 7", got[0].Sequence, got[1].Sequence)
	}

	if err := stream.Purge(t.Context(), natsjs.WithPurgeSequence(9)); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, js, layout, 8).Next(t.Context()); !errors.Is(err, ErrRemoved) {
		t.Errorf("Next from 8 of a stream that begins at 9 = %v, want ErrRemoved", err)
	}
	if got := readRecords(t, open(t, js, layout, 1), 2); got[0].Sequence != 9 {
		t.Errorf("a first reading begins at %d, want 9", got[0].Sequence)
	}
}

func TestMissingStreamEndsTheReading(t *testing.T) {
	js, layout := provisioned(t)
	layout.Stream = "NOWHERE"
	if _, err := open(t, js, layout, 1).Next(t.Context()); !errors.Is(err, natsjs.ErrStreamNotFound) {
		t.Errorf("Next = %v, want %v", err, natsjs.ErrStreamNotFound)
	}
	if _, err := NewInput(js, layout).Last(t.Context()); err == nil {
		t.Error("Last of a stream that is not there = nil error")
	}
}
