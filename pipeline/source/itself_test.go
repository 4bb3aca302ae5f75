package source_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/source"
)

// Sources that read what ebb writes are refused, before anything is read.
func TestSourcesOfEbbItselfAreRefused(t *testing.T) {
	for entry, want := range map[string]string{
		"a;stream=ENGAGEMENT":             `stream is "ENGAGEMENT": it is a stream of this ebb`,
		"a;stream=ENGAGEMENT_SIGNALS":     `it is a stream of this ebb`,
		"a;stream=ENGAGEMENT_DEADLETTERS": `it is a stream of this ebb`,
		"a;stream=ENGAGEMENT_SOURCES":     `it is a stream of this ebb`,
		"a;stream=KV_ebb_manifests":       `it is a stream of this ebb`,
		"a;core=engagement.events.*":      `core is "engagement.events.*": it hears engagement.>`,
		"a;core=>":                        `it hears engagement.>`,
		"a;core=*.signals.>":              `it hears engagement.>`,
		"a;core=shop.>|*.*":               `core is "*.*": it hears engagement.>`,
		"a;core=shop.>|*":                 "",
		"a;core=engagements.>":            "",
		"a;stream=ENGAGEMENT2":            "",
		// By another way to a server nobody can tell yet.
		"a;stream=ENGAGEMENT;url=nats://other:4222": "",
	} {
		spec, err := source.ParseEntry(entry)
		if err != nil {
			t.Fatal(err)
		}
		_, err = source.New(source.Config{Specs: []source.Spec{spec}, Log: slog.New(slog.DiscardHandler)})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", entry, err, want)
		}
	}
}

// What only the server knows is found out there: a copy of ebb's stream, and ebb's own
// account under another name.
func TestCopiesOfEbbItselfAreBlocked(t *testing.T) {
	a := startAccounts(t)
	for name, config := range map[string]natsjs.StreamConfig{
		"MIRROR": {Name: "MIRROR", Mirror: &natsjs.StreamSource{Name: "ENGAGEMENT"}},
		"GATHER": {Name: "GATHER", Sources: []*natsjs.StreamSource{{Name: "ENGAGEMENT"}}},
	} {
		if _, err := a.ebb.CreateStream(t.Context(), config); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for _, entry := range []string{"a;stream=MIRROR", "a;stream=GATHER", "a;stream=ENGAGEMENT;url=" + a.url} {
		spec, err := source.ParseEntry(entry)
		if err != nil {
			t.Fatal(err)
		}
		runner, err := source.New(source.Config{
			JS: a.ebb, Layout: a.layout, Specs: []source.Spec{spec}, Lateness: time.Minute, Log: slog.New(slog.DiscardHandler),
			Connect: func(context.Context, *source.Account) (natsjs.JetStream, error) { return a.as(t, "ebb"), nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- runner.Run(ctx) }()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			s := runner.Status()[0]
			if s.State == source.Blocked && strings.Contains(s.Error, "for ever what it writes") {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %+v, want it blocked", entry, s)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if state := streamMessages(t, a.ebb, a.layout); state != 0 {
		t.Errorf("%d messages are in the input, want none", state)
	}
}

func streamMessages(t *testing.T, js natsjs.JetStream, layout jetstream.Layout) uint64 {
	t.Helper()
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}

	return stream.CachedInfo().State.Msgs
}
