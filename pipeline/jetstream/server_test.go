package jetstream

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

// connect returns JetStream over a connection of the test's own.
func connect(t testing.TB, url string) natsjs.JetStream {
	t.Helper()
	js, err := Connect(t.Context(), ConnectConfig{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(js.Conn().Close)

	return js
}

// provisioned returns a fresh server with all streams of the default layout.
func provisioned(t testing.TB) (natsjs.JetStream, Layout) {
	t.Helper()
	js := connect(t, localtest.NATS(t))
	layout := Layout{}.WithDefaults()
	provision(t, js, layout)

	return js, layout
}

func provision(t testing.TB, js natsjs.JetStream, layout Layout) {
	t.Helper()
	if err := Provision(t.Context(), js, layout); err != nil {
		t.Fatal(err)
	}
}

// restartable is a server that can be stopped and started at the same address.
type restartable struct {
	t      testing.TB
	config local.NATSConfig
	server *local.NATS
}

func startServer(t testing.TB) *restartable {
	t.Helper()
	s := &restartable{t: t, config: local.NATSConfig{Dir: t.TempDir(), Port: localtest.Port(t)}}
	s.start()
	t.Cleanup(func() { s.server.Close() })

	return s
}

func (s *restartable) start() {
	s.t.Helper()
	server, err := local.StartNATS(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.server = server
}

func (s *restartable) stop() { s.server.Close() }

// publishEvents stores events with bodies from+0, from+1, … and waits for all.
func publishEvents(t testing.TB, js natsjs.JetStream, layout Layout, from, count int) {
	t.Helper()
	publishBodies(t, js, layout, count, func(i int) (string, []byte) {
		id := strconv.Itoa(from + i)
		return "c" + id, []byte(id)
	})
}

// publishBodies stores events of customers, a thousand at a time, so that a busy
// machine does not stall the client.
func publishBodies(t testing.TB, js natsjs.JetStream, layout Layout, count int, event func(i int) (token string, body []byte)) {
	t.Helper()
	for i := range count {
		token, body := event(i)
		if _, err := js.PublishAsync(layout.Prefix+".events."+token, body); err != nil {
			t.Fatal(err)
		}
		if (i+1)%1000 != 0 && i+1 != count {
			continue
		}
		select {
		case <-js.PublishAsyncComplete():
		case <-time.After(30 * time.Second):
			t.Fatal("events were not stored in 30 s")
		}
	}
}

// publishRaw stores one message and returns its sequence.
func publishRaw(t testing.TB, js natsjs.JetStream, subject string, header nats.Header, body string) uint64 {
	t.Helper()
	ack, err := js.PublishMsg(t.Context(), &nats.Msg{Subject: subject, Header: header, Data: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}

	return ack.Sequence
}

func open(t testing.TB, js natsjs.JetStream, layout Layout, sequence uint64) *source {
	t.Helper()
	opened, err := NewInput(js, layout).Open(t.Context(), sequence)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })

	return opened.(*source)
}

// readRecords reads count records, copied.
func readRecords(t testing.TB, from own.Source, count int) []event.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()

	var all []event.Record
	for len(all) < count {
		records, err := from.Next(ctx)
		if err != nil {
			t.Fatalf("after %d of %d records: %v", len(all), count, err)
		}
		all = append(all, records...)
	}
	if len(all) > count {
		t.Fatalf("%d records, want %d", len(all), count)
	}

	return all
}

// streamState is what the leader says of a stream.
func streamState(t testing.TB, js natsjs.JetStream, stream string) state {
	t.Helper()
	got, err := leader{js, stream}.state(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	return got
}

// publishOwn stores one message on a control or history subject as ebb does,
// with its seal.
func publishOwn(t testing.TB, js natsjs.JetStream, layout Layout, subject string, header nats.Header, body string) uint64 {
	t.Helper()
	key, err := newKeyring(js, layout).get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sealed := nats.Header{}
	for name, values := range header {
		sealed[name] = values
	}
	sealed.Set(headerSeal, key.sum(subject, []byte(header.Get(event.HeaderControl)), []byte(body)))
	if sealed.Get(headerImport) == "" {
		sealed.Set(headerImport, key.token(1))
	}

	return publishRaw(t, js, subject, sealed, body)
}
