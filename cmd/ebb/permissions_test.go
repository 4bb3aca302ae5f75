package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/setting"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/jetstream"
	"ebb/sinks/memory"
)

// guarded is a NATS server with the configuration that deploy/nats ships.
type guarded struct{ url string }

func startGuarded(t *testing.T) *guarded {
	t.Helper()
	clearEnvironment(t)
	for _, role := range []string{"EBB", "PRODUCER", "SUBSCRIBER"} {
		t.Setenv("NATS_"+role+"_PASSWORD", strings.ToLower(role)+"-password")
	}

	return &guarded{localtest.ServeFile(t, "../../deploy/nats/nats.conf")}
}

// as connects in a role. refused counts what the server refused.
func (g *guarded) as(t *testing.T, role, inbox string, refused *atomic.Int64) natsjs.JetStream {
	t.Helper()
	conn, err := nats.Connect(g.url, nats.UserInfo(role, role+"-password"), nats.CustomInboxPrefix(inbox),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				refused.Add(1)
				if role == "ebb" {
					t.Error(err)
				}
			}
		}))
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

// Under the permissions that ship, every role does its work, and none another's.
func TestPermissionsKeepStrangersOut(t *testing.T) {
	g := startGuarded(t)
	var refused atomic.Int64
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("ebb-password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"EBB_NATS_URL": g.url, "EBB_NATS_USER": "ebb", "EBB_NATS_PASSWORD_FILE": password,
		"EBB_NATS_INBOX_PREFIX": "_INBOX_ebb", "EBB_STREAM_PARTITIONS": "2", "EBB_LOG_LEVEL": "error",
	} {
		t.Setenv(name, value)
	}
	settings, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}
	o := &operated{url: g.url, layout: settings.Stream.Layout(), config: settings.Processing.Pipeline(&settings.Stream, &settings.Churn)}
	o.js = g.as(t, "ebb", "_INBOX_ebb", &refused)
	producer := g.as(t, "producer", "_INBOX", &refused)
	if err := jetstream.Provision(t.Context(), o.js, o.layout); err != nil {
		t.Fatal(err)
	}

	// ebb imports, processes, writes to a sink, stops and starts again.
	o.importHistory(t, "ann", 15, 5*setting.Day)
	for round := range 2 {
		e, err := serve.StartEngine(t.Context(), serve.EngineConfig{
			Js: o.js, Layout: o.layout, Pipeline: o.config, Sink: memory.New(), Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := producer.Publish(t.Context(), "engagement.events.ben", []byte(shopEvent(string(rune('a'+round)), "ben", "page.viewed"))); err != nil {
			t.Errorf("a producer can't send an event: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if err := e.Settled(ctx, o.js, o.layout); err != nil {
			t.Fatal(err)
		}
		if err := e.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := e.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"status"}, {"customer", "ann"}, {"deadletters", "list"}} {
		if code, _, stderr := command(t, args...); code != exitOK {
			t.Errorf("%v: exit code %d, %s", args, code, stderr)
		}
	}

	// A subscriber reads signals and rollups.
	if _, err := o.js.Publish(t.Context(), "engagement.signals.at_risk.0.ann", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	subscriber := g.as(t, "subscriber", "_INBOX_subscriber", &refused)
	for _, stream := range []string{"ENGAGEMENT_SIGNALS", "ENGAGEMENT_ROLLUPS"} {
		consumer, err := subscriber.CreateOrUpdateConsumer(t.Context(), stream, natsjs.ConsumerConfig{Durable: "mail", AckPolicy: natsjs.AckExplicitPolicy})
		if err != nil {
			t.Fatal(err)
		}
		message, err := consumer.Next(natsjs.FetchMaxWait(5 * time.Second))
		if err != nil {
			t.Fatalf("%s: %v", stream, err)
		}
		if err := message.DoubleAck(t.Context()); err != nil {
			t.Errorf("%s: %v", stream, err)
		}
	}
	if refused.Load() > 0 {
		t.Fatalf("%d things that a role needs are refused", refused.Load())
	}

	// And nothing else.
	subjects := []string{
		"engagement.c.0", "engagement.h.0", "engagement.import", "engagement.s.0", "engagement.marker.s.0", "engagement.marker.rollups.0",
		"engagement.marker.signals.0", "engagement.marker.deadletters.0", "engagement.signals.marker.0", "engagement.rollups.total.0", "engagement.p.0",
		"$KV.ebb_manifests.p.0", "$KV.ebb_leases.run", "$KV.ebb_sinks.x", "$O.ebb_snapshots.M.x",
		"$JS.API.STREAM.DELETE.ENGAGEMENT", "$JS.API.STREAM.PURGE.ENGAGEMENT", "$JS.API.STREAM.UPDATE.ENGAGEMENT",
		"$JS.API.STREAM.MSG.GET.KV_ebb_manifests", "$JS.API.DIRECT.GET.KV_ebb_manifests.$KV.ebb_manifests.seal",
		"$JS.API.CONSUMER.CREATE.KV_ebb_manifests", "$JS.API.CONSUMER.CREATE.ENGAGEMENT", "$JS.API.STREAM.INFO.ENGAGEMENT",
		"$JS.API.CONSUMER.MSG.NEXT.ENGAGEMENT_SIGNALS.clickhouse", "$JS.API.CONSUMER.DELETE.ENGAGEMENT_SIGNALS.clickhouse",
	}
	for _, role := range []natsjs.JetStream{producer, subscriber} {
		for _, subject := range append(subjects, map[bool]string{true: "engagement.events.ann", false: "engagement.signals.at_risk.0.x"}[role == subscriber]) {
			before := refused.Load()
			if err := role.Conn().Publish(subject, []byte("{}")); err != nil {
				t.Fatal(err)
			}
			if err := role.Conn().FlushTimeout(5 * time.Second); err != nil {
				t.Fatal(err)
			}
			eventually(t, subject+" to be refused", func() bool { return refused.Load() > before })
		}
		for _, subject := range []string{"_INBOX_ebb.>", "$KV.>", "engagement.s.>", "engagement.c.*", ">"} {
			before := refused.Load()
			if _, err := role.Conn().SubscribeSync(subject); err != nil {
				t.Fatal(err)
			}
			_ = role.Conn().FlushTimeout(5 * time.Second)
			eventually(t, "listening to "+subject+" to be refused", func() bool { return refused.Load() > before })
		}
	}
}
