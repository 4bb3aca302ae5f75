package jetstream

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
)

// expectCounting checks that records are 1, 2, 3, … with the bodies of
// publishEvents, nothing twice, nothing left out.
func expectCounting(t *testing.T, records []event.Record) {
	t.Helper()
	for i, record := range records {
		if record.Sequence != uint64(i+1) || string(record.Data) != strconv.Itoa(i+1) {
			t.Fatalf("record %d has sequence %d and data %q", i+1, record.Sequence, record.Data)
		}
	}
}

// readUntil reads at least count records.
func readUntil(t *testing.T, s *source, count int) []event.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var all []event.Record
	for len(all) < count {
		records, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("after %d records: %v", len(all), err)
		}
		all = append(all, records...)
	}

	return all
}

func TestReadingGoesOnAfterARestart(t *testing.T) {
	server := startServer(t)
	js := connect(t, server.server.URL())
	layout := Layout{}.WithDefaults()
	provision(t, js, layout)
	const half = 15_000
	publishEvents(t, js, layout, 1, half)

	s := open(t, js, layout, 1)
	records := readUntil(t, s, half/3)
	server.stop()
	time.Sleep(300 * time.Millisecond)
	server.start()
	records = append(records, readRecords(t, s, half-len(records))...)

	awaitConnection(t, js.Conn())
	publishEvents(t, js, layout, half+1, half)
	records = append(records, readRecords(t, s, half)...)
	expectCounting(t, records)
}

func awaitConnection(t *testing.T, conn *nats.Conn) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !conn.IsConnected() {
		if time.Now().After(deadline) {
			t.Fatal("no connection after 20 s")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestReadingGoesOnAfterItsConsumerIsDeleted(t *testing.T) {
	js, layout := provisioned(t)
	const count = 30_000
	publishEvents(t, js, layout, 1, count)

	s := open(t, js, layout, 1)
	var records []event.Record
	for len(records) < count {
		records = append(records, readUntil(t, s, min(5_000, count-len(records)))...)
		if s.reader.consumer == "" {
			continue // it has noticed already and makes a new one
		}
		err := js.DeleteConsumer(t.Context(), layout.Stream, s.reader.consumer)
		if err != nil && !errors.Is(err, natsjs.ErrConsumerNotFound) { // the reader may not have noticed the last one
			t.Fatal(err)
		}
	}
	publishEvents(t, js, layout, count+1, 10)
	records = append(records, readRecords(t, s, 10)...)
	expectCounting(t, records)
}

// A message that is lost on the way leaves a gap in the consumer's numbers.
func TestReadingGoesBackForLostMessages(t *testing.T) {
	js, layout := provisioned(t)
	const count = 20_000
	publishEvents(t, js, layout, 1, count)

	s := open(t, js, layout, 1)
	records := readUntil(t, s, 1)
	for len(records) < count {
		for range min(len(s.reader.messages), 7) {
			<-s.reader.messages
		}
		records = append(records, readUntil(t, s, min(3_000, count-len(records)))...)
	}
	expectCounting(t, records)
}

// The last messages before a silence are missed by the heartbeat's number.
func TestReadingGoesBackForTheLastMessages(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 5)
	s := open(t, js, layout, 1)
	records := readUntil(t, s, 5)

	publishEvents(t, js, layout, 6, 1)
	deadline := time.Now().Add(30 * time.Second)
	for len(s.reader.messages) == 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	<-s.reader.messages
	records = append(records, readRecords(t, s, 1)...)
	expectCounting(t, records)
}

func TestReadingGoesOnAfterADropOfTheConnection(t *testing.T) {
	publisher, layout := provisioned(t)
	js := connect(t, publisher.Conn().ConnectedUrl())
	const count = 20_000
	publishEvents(t, publisher, layout, 1, count)

	s := open(t, js, layout, 1)
	var records []event.Record
	for len(records) < count {
		records = append(records, readUntil(t, s, min(6_000, count-len(records)))...)
		if err := js.Conn().ForceReconnect(); err != nil {
			t.Fatal(err)
		}
	}
	publishEvents(t, publisher, layout, count+1, 10)
	records = append(records, readRecords(t, s, 10)...)
	expectCounting(t, records)
}

func TestClosedConnectionEndsTheReading(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 1)
	s := open(t, js, layout, 1)
	readUntil(t, s, 1)

	failed := make(chan error, 1)
	go func() {
		_, err := s.Next(t.Context())
		failed <- err
	}()
	time.Sleep(50 * time.Millisecond)
	js.Conn().Close()
	select {
	case err := <-failed:
		if !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("Next = %v, want %v", err, nats.ErrConnectionClosed)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Next did not return")
	}
}

// What nobody reads stays on the server: neither messages nor bytes beyond the
// bounds are on their way.
func TestReaderHoldsNoMoreThanItsBounds(t *testing.T) {
	js, layout := provisioned(t)
	const large = 64 << 10
	const count = 600 // 37.5 MiB
	body := make([]byte, large)
	publishBodies(t, js, layout, count, func(int) (string, []byte) { return "a", body })

	s := open(t, js, layout, 1)
	read := len(readUntil(t, s, 1))
	held := 0
	for range 20 { // until nothing more comes
		time.Sleep(50 * time.Millisecond)
		n := len(s.reader.messages)
		if n == held {
			break
		}
		held = n
	}
	if most := s.reader.limit/large + 1; read+held > most {
		t.Errorf("%d messages of %d bytes came unread, the bound is %d", read+held, large, most)
	}
	if got := len(readRecords(t, s, count-read)); got+read != count {
		t.Errorf("%d of %d read", got+read, count)
	}
}

// One read hands over long messages a few at a time, whatever has come.
func TestOneReadHandsOverFewLongMessages(t *testing.T) {
	js, layout := provisioned(t)
	const count, size = 40, 300_000
	body := make([]byte, size)
	publishBodies(t, js, layout, count, func(int) (string, []byte) { return "a", body })
	s := open(t, js, layout, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for got := 0; got < count; {
		records, err := s.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got += len(records); len(records) > readBatchBytes/size+1 {
			t.Fatalf("one read hands over %d messages of %d bytes", len(records), size)
		}
	}
}

// What says that a request is used up may be all that is left to take of it. The
// next request goes out at once, not when silence has lasted.
func TestReadingAsksAgainWhenARequestIsUsedUp(t *testing.T) {
	js, layout := provisioned(t)
	layout = layout.WithDefaults()
	const count, size = 8, 600_000
	body := make([]byte, size)
	publishBodies(t, js, layout, count, func(int) (string, []byte) { return "a", body })
	r := newReader(js, layout.Stream, 1)
	r.limit = 2*size + size/2 // two messages and then the notice
	defer r.close()
	silences, began := 0, time.Now()
	for got := 0; got < count; {
		settle(r)
		deliveries, err := r.read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got += len(deliveries)
		silences = int(time.Since(began) / pullSilence)
	}
	if silences > 0 {
		t.Errorf("reading %d messages took %v: it waited %d times for messages that nobody had asked for", count, time.Since(began), silences)
	}
}

// settle lets all come that was asked for, so that a read finds it.
func settle(r *reader) {
	for before := -1; r.sub != nil && len(r.messages) != before; time.Sleep(30 * time.Millisecond) {
		before = len(r.messages)
	}
}

func TestCloseDeletesTheConsumer(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 1)
	s := open(t, js, layout, 1)
	readUntil(t, s, 1)
	for range 2 { // closing again does nothing
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}

	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		info, err := stream.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.State.Consumers == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d consumers left", info.State.Consumers)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestParseReply(t *testing.T) {
	cases := []struct {
		subject string
		want    reply
		ok      bool
	}{
		{"$JS.ACK.S.C.1.22.3.1700000000123456789.5", reply{22, 3, 1700000000123456789, 5}, true},
		{"$JS.ACK._.acc.S.C.1.22.3.4.5", reply{22, 3, 4, 5}, true},
		{"$JS.ACK.hub.acc.S.C.1.22.3.4.5.token", reply{22, 3, 4, 5}, true},
		{"$JS.ACK.S.C.1.22.3.4", reply{}, false},
		{"$JS.ACK.S.C.1.22.3.4.5.6", reply{}, false},
		{"$JS.ACK.S.C.1.x.3.4.5", reply{}, false},
		{"$JS.ACK.S.C.1..3.4.5", reply{}, false},
		{"$JS.ACK.S.C.1.99999999999999999999.3.4.5", reply{}, false},
		{"_INBOX.S.C.1.22.3.4.5", reply{}, false},
		{"", reply{}, false},
	}
	for _, c := range cases {
		if got, ok := parseReply(c.subject); got != c.want || ok != c.ok {
			t.Errorf("parseReply(%q) = %+v, %v, want %+v, %v", c.subject, got, ok, c.want, c.ok)
		}
	}
}

func TestParsingDoesNotAllocate(t *testing.T) {
	l := newLanes(Layout{}.WithDefaults())
	allocations := testing.AllocsPerRun(100, func() {
		parsed, ok := parseReply("$JS.ACK.ENGAGEMENT.Q7gT2x9A.1.123456.77.1700000000123456789.5")
		lane, partition, found := l.parse("engagement.c.11")
		if !ok || !found || parsed.sequence != 123456 || lane != event.LaneControl || partition != 11 {
			t.Fatal("not parsed")
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations a message, want 0", allocations)
	}
}
