package source_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
	"ebb/pipeline/source"
)

// accounts is a server with ebb's account, and one of a shop, in which user reader may
// do no more than a source needs.
type accounts struct {
	url       string
	ebb, shop natsjs.JetStream
	layout    jetstream.Layout
}

func startAccounts(t *testing.T) *accounts {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nats.conf")
	config := fmt.Sprintf(`
		jetstream {}
		accounts {
		  EBB { jetstream: enabled, users: [ {user: ebb, password: p} ] }
		  SHOP { jetstream: enabled, users: [
		    {user: owner, password: p}
		    {user: reader, password: p, permissions: {publish: {allow: [%q]}, subscribe: {allow: ["_INBOX.>", "clicks"]}}}
		    {user: stranger, password: p, permissions: {publish: {allow: ["$JS.API.STREAM.INFO.ORDERS"]}}}
		  ] }
		}`, strings.Join(jetstream.ForeignPermissions("ORDERS", ""), `", "`))
	config = strings.ReplaceAll(config, `\"`, `"`)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &accounts{url: localtest.ServeFile(t, file), layout: jetstream.Layout{Partitions: 4}.WithDefaults()}
	a.ebb, a.shop = a.as(t, "ebb"), a.as(t, "owner")
	if err := jetstream.Provision(t.Context(), a.ebb, a.layout); err != nil {
		t.Fatal(err)
	}
	// The shop has another stream: with an account's last one NATS also deletes the folder
	// of them all, a moment later, which a stream made anew would need.
	for name, subject := range map[string]string{"ORDERS": "orders.>", "OTHERS": "others.>"} {
		if _, err := a.shop.CreateStream(t.Context(), natsjs.StreamConfig{Name: name, Subjects: []string{subject}}); err != nil {
			t.Fatal(err)
		}
	}

	return a
}

func (a *accounts) as(t *testing.T, user string) natsjs.JetStream {
	t.Helper()
	conn, err := nats.Connect(a.url, nats.UserInfo(user, "p"), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
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

// runner makes one whose sources are in the shop's account, as one of its users.
func (a *accounts) runner(t *testing.T, user string, entries ...string) *source.Runner {
	t.Helper()
	config := source.Config{
		JS: a.ebb, Layout: a.layout, Lateness: 10 * time.Minute, Skew: time.Minute, Log: slog.New(slog.DiscardHandler),
		Connect: func(context.Context, *source.Account) (natsjs.JetStream, error) {
			conn, err := nats.Connect(a.url, nats.UserInfo(user, "p"), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
			if err != nil {
				return nil, err
			}

			return natsjs.New(conn)
		},
	}
	for _, entry := range entries {
		s, err := source.ParseEntry(entry + ";url=nats://shop")
		if err != nil {
			t.Fatal(err)
		}
		config.Specs = append(config.Specs, s)
	}
	r, err := source.New(config)
	if err != nil {
		t.Fatal(err)
	}

	return r
}

// run runs it until stop is called.
func run(t *testing.T, r *source.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()

	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func isLive(r *source.Runner) bool {
	return !slices.ContainsFunc(r.Status(), func(s source.Status) bool { return s.State != source.Live })
}

// bodies are the events in the input, in order.
func (a *accounts) bodies(t *testing.T) []string {
	t.Helper()
	stream, err := a.ebb.Stream(t.Context(), a.layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for sequence := uint64(1); ; {
		m, err := stream.GetMsg(t.Context(), sequence, natsjs.WithGetMsgSubject("engagement.p.*"))
		if err != nil {
			return all
		}
		all = append(all, string(m.Data))
		sequence = m.Sequence + 1
	}
}

func order(i int) []byte {
	return fmt.Appendf(nil, `{"id":"%d","time":%q,"customer":"c-%d","type":"order.completed"}`, i, time.Now().UTC().Format(time.RFC3339), i%17)
}

// Of two that run at the same time, and of one that is stopped at any place and runs
// again, every message gets into the input once, in order, with no more rights than
// documented; and nothing is left at the stream.
func TestSeveralRunnersBringEachMessageOnce(t *testing.T) {
	a := startAccounts(t)
	const entry = "orders;stream=ORDERS;format=native;from=new"
	put := func(from, to int) {
		for i := from; i < to; i++ {
			if _, err := a.shop.Publish(t.Context(), "orders.new", order(i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(0, 5) // before it begins
	one, two := a.runner(t, "reader", entry), a.runner(t, "reader", entry)
	stopOne := run(t, one)
	eventually(t, "the first to be live", func() bool { return isLive(one) })
	if one.Holds() {
		t.Error("time is held though nothing is history")
	}
	stopTwo := run(t, two)
	eventually(t, "the second to be live", func() bool { return isLive(two) })
	put(5, 105)
	stopOne()
	put(105, 155)
	eventually(t, "155 messages", func() bool { return two.Status()[0].Sequence == 155 })
	stopTwo()
	put(155, 205)
	three := a.runner(t, "reader", entry)
	stop := run(t, three)
	eventually(t, "205 messages", func() bool { return three.Status()[0].Sequence == 205 })
	if s := three.Status()[0]; s.Events != 200 || s.Behind != 0 || s.Lost != 0 || s.Error != "" {
		t.Errorf("%+v", s)
	}
	stop()

	got := a.bodies(t)
	if len(got) != 200 {
		t.Errorf("%d events in the input, want 200", len(got))
	}
	for i, body := range got {
		if want := fmt.Sprintf(`{"id":"%d",`, i+5); !strings.HasPrefix(body, want) {
			t.Fatalf("event %d is %s, want %s", i, body, want)
		}
	}
	eventually(t, "no consumer at the stream", func() bool {
		stream, err := a.shop.Stream(t.Context(), "ORDERS")
		if err != nil {
			t.Fatal(err)
		}

		return stream.CachedInfo().State.Consumers == 0
	})
	if found := three.Look(t.Context()); found[0].State != source.Live || found[0].Sequence != 205 || found[0].Error != "" {
		t.Errorf("from outside: %+v", found[0])
	}
}

// Core messages are taken while a runner runs; what can't be read is passed on.
func TestCoreSubjects(t *testing.T) {
	a := startAccounts(t)
	r := a.runner(t, "reader", "clicks;core=clicks;constants=channel:web")
	stop := run(t, r)
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	for i := range 20 {
		if err := a.shop.Conn().Publish("clicks", order(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.shop.Conn().Publish("clicks", []byte("noise")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "21 events", func() bool { return r.Status()[0].Events == 21 })
	stop()
	got := a.bodies(t)
	if len(got) != 21 || !strings.Contains(got[0], `"channel":"web"`) || !strings.Contains(got[20], `"refused":{"reason":"malformed"`) {
		t.Errorf("%d events, %q", len(got), got)
	}
}

// What hinders a source is said before it begins, and in its status, and another goes on.
func TestSourcesThatCannotBeRead(t *testing.T) {
	a := startAccounts(t)
	if _, err := a.shop.Publish(t.Context(), "orders.new", []byte(`{"id":"1"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.shop.CreateStream(t.Context(), natsjs.StreamConfig{Name: "QUEUE", Subjects: []string{"queue"}, Retention: natsjs.WorkQueuePolicy}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ user, entry, want string }{
		{"reader", "a;stream=ORDERS", "none of the first events of stream ORDERS can be read: message 1: format native: missing_time"},
		{"owner", "a;stream=NOWHERE", "there is no stream NOWHERE in this account"},
		{"owner", "a;stream=QUEUE", "stream QUEUE has retention WorkQueue"},
		{"stranger", "a;stream=ORDERS", "can't be read"},
	} {
		found := a.runner(t, c.user, c.entry).Preflight(t.Context())
		if len(found) != 1 || found[0].Status != preflight.Failed || !strings.Contains(found[0].Text, c.want) || found[0].Remedy == "" {
			t.Errorf("%s as %s: %+v", c.entry, c.user, found)
		}
	}
	r := a.runner(t, "owner", "queue;stream=QUEUE", "gone;stream=NOWHERE", "orders;stream=ORDERS;from=new")
	stop := run(t, r)
	eventually(t, "states", func() bool {
		s := r.Status()

		return s[0].State == source.Blocked && s[1].Error != "" && s[2].State == source.Live
	})
	stop()
	samples, err := r.Try(t.Context(), "orders", 10)
	if err != nil || len(samples) != 1 || samples[0].Events[0].Refused == nil {
		t.Errorf("tried: %+v, %v", samples, err)
	}
	if _, err := r.Try(t.Context(), "other", 10); err == nil || !strings.Contains(err.Error(), `there is no such source: "other"; the settings have ["queue" "gone" "orders"]`) {
		t.Errorf("tried another: %v", err)
	}
}

// A stream that was made anew is not taken for the one of before.
func TestStreamMadeAnew(t *testing.T) {
	a := startAccounts(t)
	r := a.runner(t, "reader", "orders;stream=ORDERS;from=new")
	stop := run(t, r)
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	stop()
	if err := a.shop.DeleteStream(t.Context(), "ORDERS"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond) // streams are told apart by the time at which they were made
	if _, err := a.shop.CreateStream(t.Context(), natsjs.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}}); err != nil {
		t.Fatal(err)
	}
	stop = run(t, r)
	defer stop()
	eventually(t, "the source to be blocked", func() bool {
		s := r.Status()[0]

		return s.State == source.Blocked && strings.Contains(s.Error, "give the source another name")
	})
}
