package source_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/source"
)

// restarted is a server that can be stopped and started at the same address.
type restarted struct {
	config local.NATSConfig
	server *local.NATS
}

func (r *restarted) up(t *testing.T) {
	t.Helper()
	var err error
	if r.server, err = local.StartNATS(r.config); err != nil {
		t.Fatal(err)
	}
}

func (r *restarted) connect(t *testing.T) natsjs.JetStream {
	t.Helper()
	conn, err := nats.Connect(r.server.URL(), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}

	return js
}

func newRestarted(t *testing.T) *restarted {
	t.Helper()
	r := &restarted{config: local.NATSConfig{Dir: t.TempDir(), Port: localtest.Port(t)}}
	r.up(t)
	t.Cleanup(func() { r.server.Close() })

	return r
}

// Core messages at a server of somebody else's, through stops of both servers: what comes
// while ebb's own is away is stored once it is back; what is published while the other is
// not reached is gone, which the source says; and nothing counts twice.
func TestCoreSubjectsThroughStopsOfServers(t *testing.T) {
	own, shop := newRestarted(t), newRestarted(t)
	layout := jetstream.Layout{Partitions: 4}.WithDefaults()
	js, owner, heard := own.connect(t), shop.connect(t), shop.connect(t)
	if err := jetstream.Provision(t.Context(), js, layout); err != nil {
		t.Fatal(err)
	}
	spec, err := source.ParseEntry("clicks;core=clicks;format=native;url=nats://shop")
	if err != nil {
		t.Fatal(err)
	}
	r, err := source.New(source.Config{
		JS: js, Layout: layout, Specs: []source.Spec{spec}, Lateness: 10 * time.Minute, Skew: time.Minute, Log: slog.New(slog.DiscardHandler),
		Connect: func(context.Context, *source.Account) (natsjs.JetStream, error) { return heard, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, r)
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	sent := 0
	send := func(count int) {
		t.Helper()
		for range count {
			if err := owner.Conn().Publish("clicks", order(sent)); err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if err := owner.Conn().Flush(); err != nil {
			t.Fatal(err)
		}
	}
	stored := func(want int) {
		t.Helper()
		eventually(t, fmt.Sprint(want, " events"), func() bool { return r.Status()[0].Events == uint64(want) })
	}
	send(10)
	stored(10)

	own.server.Close()
	send(10) // it is heard
	eventually(t, "the source to say what hinders it", func() bool { return r.Status()[0].Error != "" })
	send(10)
	own.up(t)
	stored(30)

	shop.server.Close()
	eventually(t, "the source to say that it hears nothing", func() bool { return strings.Contains(r.Status()[0].Error, "is not reached") })
	shop.up(t)
	eventually(t, "both to be back", func() bool {
		return owner.Conn().IsConnected() && r.Status()[0].Error == "" && r.Status()[0].State == source.Live
	})
	send(10)
	stored(40)
	stop()

	seen := map[string]int{}
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	for sequence := uint64(1); ; {
		m, err := stream.GetMsg(t.Context(), sequence, natsjs.WithGetMsgSubject(layout.Prefix+".p.*"))
		if err != nil {
			break
		}
		seen[string(m.Data)]++
		sequence = m.Sequence + 1
	}
	if len(seen) != sent {
		t.Errorf("%d events are in the input, want %d", len(seen), sent)
	}
	for body, n := range seen {
		if n != 1 {
			t.Errorf("%d times: %s", n, body)
		}
	}
}

// Of two that hear the same core subjects, one stores a message and the other leaves it:
// none counts twice, and some of what both hear is stored whoever of them stops.
func TestTwoRunnersOfCoreSubjects(t *testing.T) {
	a := startAccounts(t)
	const entry, several = "clicks;core=clicks", 20
	one, two := a.runner(t, "reader", entry), a.runner(t, "reader", entry)
	stopOne, stopTwo := run(t, one), run(t, two)
	both := func() bool { return isLive(one) && isLive(two) }
	eventually(t, "both to be live", both)
	sent := 0
	send := func() {
		t.Helper()
		for range several {
			if err := a.shop.Conn().Publish("clicks", order(sent)); err != nil {
				t.Fatal(err)
			}
			sent++
		}
		if err := a.shop.Conn().Flush(); err != nil {
			t.Fatal(err)
		}
	}
	stored := func() int {
		seen := map[string]int{}
		for _, body := range a.bodies(t) {
			if seen[body]++; seen[body] > 1 {
				t.Fatalf("%d times: %s", seen[body], body)
			}
		}

		return len(seen)
	}
	for range 10 {
		before := stored()
		send()
		eventually(t, "some of what both hear", func() bool { return stored() > before })
	}
	stopOne()
	// What it is at may still be refused for what the other one stored last, and is lost
	// then, as what comes by core subjects may be. Behind that nothing is.
	before := stored()
	eventually(t, "the other to store again", func() bool {
		send()

		return isLive(two) && stored() > before+several
	})
	for last := -1; last != stored(); { // until it has stored all that it heard
		last = stored()
		time.Sleep(200 * time.Millisecond)
	}
	before = stored()
	send()
	eventually(t, "all that the last one hears", func() bool { return stored() >= before+several })
	stopTwo()
	if n := stored(); n < sent/2 {
		t.Errorf("%d of %d events are stored", n, sent)
	}
}
