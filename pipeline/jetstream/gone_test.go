package jetstream

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// When the connection is gone for good, whatever asks NATS says so, names what it
// wanted, and returns: nothing goes on as if there were nothing.
func TestNothingIsSilentWithoutNATS(t *testing.T) {
	js, layout := provisioned(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	manifests, err := NewManifests(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	snapshots, err := NewSnapshots(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if err := snapshots.Put(ctx, "p.1.1.1", []byte("state")); err != nil {
		t.Fatal(err)
	}
	if _, err := manifests.Save(ctx, own.Manifest{Partition: 1, Nonce: "a", Generation: 1}, 0); err != nil {
		t.Fatal(err)
	}
	input, outputs, configs, letters := NewInput(js, layout), NewOutputs(js, layout), NewConfigs(js, layout), NewDeadLetters(js, layout)
	statistics := NewCoordinator(js, layout).Statistics(0)
	lease := NewLease(js, layout, Holder{Nonce: "a"}, time.Second, LeaseObserver{})
	if err := lease.Acquire(ctx); err != nil {
		t.Fatal(err)
	}
	js.Conn().Close()

	for _, test := range []struct {
		name string
		want string // in the error
		try  func(ctx context.Context) error
	}{
		{"provision", "", func(ctx context.Context) error { return Provision(ctx, js, layout) }},
		{"check the input", layout.Stream, func(ctx context.Context) error { return CheckInput(ctx, js, layout) }},
		{"open the manifests", layout.Manifests, func(ctx context.Context) error { _, err := NewManifests(ctx, js, layout); return err }},
		{"open the snapshots", layout.Snapshots, func(ctx context.Context) error { _, err := NewSnapshots(ctx, js, layout); return err }},
		{"load a manifest", "manifest p.1", func(ctx context.Context) error { _, _, err := manifests.Load(ctx, 1); return err }},
		{"save a manifest", "manifest p.1", func(ctx context.Context) error {
			_, err := manifests.Save(ctx, own.Manifest{Partition: 1}, 1)

			return err
		}},
		{"get a snapshot", "p.1.1.1", func(ctx context.Context) error { _, err := snapshots.Get(ctx, "p.1.1.1"); return err }},
		{"put a snapshot", "p.1.2.1", func(ctx context.Context) error { return snapshots.Put(ctx, "p.1.2.1", []byte("state")) }},
		{"delete a snapshot", "p.1.1.1", func(ctx context.Context) error { return snapshots.Delete(ctx, "p.1.1.1") }},
		{"sweep snapshots", layout.Snapshots, func(ctx context.Context) error {
			_, err := snapshots.Sweep(ctx, func(context.Context) (func(string) bool, error) {
				return func(string) bool { return true }, nil
			})

			return err
		}},
		{"the era", layout.Stream, func(ctx context.Context) error { _, err := input.Era(ctx); return err }},
		{"the first record", layout.Stream, func(ctx context.Context) error { _, err := input.First(ctx); return err }},
		{"the last record", layout.Stream, func(ctx context.Context) error { _, err := input.Last(ctx); return err }},
		{"a record", layout.Stream, func(ctx context.Context) error { _, _, err := input.Record(ctx, 1); return err }},
		{"what is left", layout.Stream, func(ctx context.Context) error { _, err := input.Left(ctx, 1, 1); return err }},
		{"a tick", "", func(ctx context.Context) error { return input.Tick(ctx, 1) }},
		{"read a partition", layout.Stream, func(ctx context.Context) error {
			return input.ReadPartition(ctx, 1, 1, func([]event.Record, uint64) error { return nil })
		}},
		{"read all", "leader of stream", func(ctx context.Context) error {
			source, err := input.Open(ctx, 1)
			if err == nil {
				_, err = source.Next(ctx)
			}

			return err
		}},
		{"a marker", "leader of stream", func(ctx context.Context) error { _, err := outputs.Marker(ctx, shard.Rollups, 1, 0); return err }},
		{"publish a cut", "leader of stream", func(ctx context.Context) error {
			_, err := outputs.Publish(ctx, shard.Rollups, 1, 0, rows(1, 3), own.Marker{})

			return err
		}},
		{"the newest configuration", "", func(ctx context.Context) error { _, err := configs.Newest(ctx); return err }},
		{"a configuration", "", func(ctx context.Context) error { _, err := configs.Version(ctx, 1); return err }},
		{"add a configuration", "", func(ctx context.Context) error { return configs.Add(ctx, 1, []byte("{}")) }},
		{"announce a configuration", "", func(ctx context.Context) error { return configs.Announce(ctx, 1, []byte("{}")) }},
		{"how far behind", "", func(ctx context.Context) error {
			_, err := Behind(ctx, js, layout, make([]uint64, layout.Partitions))

			return err
		}},
		{"the ends of history", "", func(ctx context.Context) error { _, err := HistoryEnds(ctx, js, layout); return err }},
		{"the last live event", "", func(ctx context.Context) error { _, err := LastLive(ctx, js, layout); return err }},
		{"recent quality", "", func(ctx context.Context) error { _, err := RecentQuality(ctx, js, layout); return err }},
		{"the last import", "", func(ctx context.Context) error { _, err := LastImport(ctx, js, layout); return err }},
		{"begin an import", "", func(ctx context.Context) error {
			_, err := OpenImport(ctx, js, layout, ImportConfig{ID: "b"})

			return err
		}},
		{"a customer's signals", "", func(ctx context.Context) error {
			_, err := NewSignals(js, layout).Newest(ctx, 1, "c1", 5)

			return err
		}},
		{"a dead letter", "", func(ctx context.Context) error { _, err := letters.Get(ctx, 1); return err }},
		{"dead letters", "", func(ctx context.Context) error {
			return letters.Newest(ctx, "late", 3, func(DeadLetter) error { return nil })
		}},
		{"a statistic", "", func(ctx context.Context) error { _, _, err := statistics.Next(ctx); return err }},
		{"publish a model", "", func(ctx context.Context) error {
			return NewCoordinator(js, layout).PublishModel(ctx, 1, "", []byte("{}"))
		}},
		{"publish alerts of an import", "", func(ctx context.Context) error {
			return NewCoordinator(js, layout).PublishAlerts(ctx, 1, "b", []byte("{}"))
		}},
		{"connect to nobody", "127.0.0.1:1", func(ctx context.Context) error {
			_, err := Connect(ctx, ConnectConfig{URL: "nats://127.0.0.1:1"})

			return err
		}},
		{"connect with a file that is not there", "no.creds", func(ctx context.Context) error {
			_, err := Connect(ctx, ConnectConfig{URL: "nats://127.0.0.1:1", CredentialsFile: "no.creds"})

			return err
		}},
		{"what may not be done", "127.0.0.1:1", func(ctx context.Context) error {
			_, err := layout.Permissions("").Missing(ctx, ConnectConfig{URL: "nats://127.0.0.1:1"})

			return err
		}},
		{"renew the lease", "lease", func(ctx context.Context) error { return lease.Renew(ctx) }},
		{"seize the lease", "lease", func(ctx context.Context) error { return lease.Seize(ctx) }},
		{"release the lease", "lease", func(ctx context.Context) error { return lease.Release(ctx) }},
		{"preflight", "", func(ctx context.Context) error {
			found, err := Preflight(ctx, js, ConnectConfig{URL: "nats://127.0.0.1:1"}, layout, meaning.DefaultConfig())
			for _, f := range found {
				if f.Status != "ok" && f.Remedy != "" {
					return errors.New(f.Text)
				}
			}

			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			// What waits for a server that may come back waits no longer than it is told.
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			err := test.try(ctx)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it says %v, want an error that names %q", err, test.want)
			}
		})
	}
}

// What a person deleted is named, and what was lost with it is no empty answer where
// that would be taken for the truth.
func TestNothingIsSilentAboutDeletedStreams(t *testing.T) {
	js, layout := provisioned(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	manifests, err := NewManifests(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manifests.Save(ctx, own.Manifest{Partition: 1, Nonce: "a", Generation: 1}, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := manifests.Load(ctx, 1); err != nil {
		t.Fatal(err)
	}
	for names := js.StreamNames(ctx); ; {
		name, more := <-names.Name()
		if !more {
			break
		}
		if err := js.DeleteStream(ctx, name); err != nil {
			t.Fatalf("delete %s: %v", name, err)
		}
	}

	if _, _, err := manifests.Load(ctx, 1); !errors.Is(err, own.ErrRecovery) || !strings.Contains(err.Error(), "the bucket of manifests was deleted; start ebb again") {
		t.Errorf("a manifest of a deleted bucket: %v", err)
	}
	for _, test := range []struct {
		name string
		try  func(ctx context.Context) error
	}{
		{"the manifests", func(ctx context.Context) error { _, err := NewManifests(ctx, js, layout); return err }},
		{"the snapshots", func(ctx context.Context) error { _, err := NewSnapshots(ctx, js, layout); return err }},
		{"the last record", func(ctx context.Context) error { _, err := NewInput(js, layout).Last(ctx); return err }},
		{"the era", func(ctx context.Context) error { _, err := NewInput(js, layout).Era(ctx); return err }},
		{"how far behind", func(ctx context.Context) error {
			_, err := Behind(ctx, js, layout, make([]uint64, layout.Partitions))

			return err
		}},
		{"an import", func(ctx context.Context) error {
			_, err := OpenImport(ctx, js, layout, ImportConfig{ID: "b"})
			return err
		}},
		{"a model", func(ctx context.Context) error {
			return NewCoordinator(js, layout).PublishModel(ctx, 1, "", []byte("{}"))
		}},
	} {
		waiting, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		if err := test.try(waiting); err == nil {
			t.Errorf("%s: no error after everything was deleted", test.name)
		}
		cancel()
	}
}

// An error that a first start meets says what to do.
func TestExplainConnect(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "parse", URL: "nats://user:secret@", Err: errors.New("invalid port")}, "the URL cannot be read: invalid port"},
		{nats.ErrNoServers, "is a server running there? `ebb local` starts one"},
		{nats.ErrAuthorization, "the server wants other credentials"},
		{nats.ErrAuthExpired, "the server wants other credentials"},
		{nats.ErrSecureConnRequired, "use tls:// in the URL"},
		{nats.ErrSecureConnWanted, "use tls:// in the URL"},
		{nats.ErrTimeout, "does a firewall stand between?"},
		{nats.ErrBadSubject, nats.ErrBadSubject.Error()},
	} {
		err := explainConnect(fmt.Errorf("connect: %w", test.err), "nats://127.0.0.1:4222")
		if text := err.Error(); !strings.Contains(text, test.want) || strings.Contains(text, "secret") {
			t.Errorf("%v is explained by %q, want %q", test.err, text, test.want)
		}
	}
}
