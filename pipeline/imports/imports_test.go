package imports_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/imports"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/replay"
)

// planned is a plan for a small file of history.
func planned(t *testing.T, latest int64) *replay.Plan {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.csv")
	rows := "event_time,customer_id,event_type\n2026-03-01T10:00:00Z,ann,page.viewed\n2026-03-01T11:00:00Z,bob,order.completed\n2026-03-02T10:00:00Z,ann,order.completed\n"
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	config, source := meaning.DefaultConfig(), replay.FileSource(path)
	mapping, err := replay.LoadMapping("", source)
	if err != nil {
		t.Fatal(err)
	}
	survey, err := replay.NewSurvey(t.Context(), source, mapping, config.Vocabulary, replay.Limits{Lateness: config.Lateness, Skew: config.Skew, Latest: latest})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := survey.Plan(replay.Options{Partitions: config.Partitions, Lateness: config.Lateness, Skew: config.Skew, Latest: latest})
	if err != nil {
		t.Fatal(err)
	}

	return plan
}

// The latest time of a row is the wall clock and the skew, without a stream and
// without an import, and while one is open the time with which that began.
func TestLatestAndRun(t *testing.T) {
	conn, err := nats.Connect(localtest.NATS(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	layout := jetstream.Layout{Partitions: meaning.DefaultConfig().Partitions}.WithDefaults()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	latest := func() int64 {
		t.Helper()
		found, err := imports.Latest(ctx, js, layout, time.Hour)
		if err != nil {
			t.Fatal(err)
		}

		return found
	}
	isNow := func(when string) {
		t.Helper()
		before := time.Now().Add(time.Hour).UnixMilli()
		if found := latest(); found < before || found > time.Now().Add(time.Hour).UnixMilli() {
			t.Errorf("%s the latest is %d, want the clock and an hour, %d", when, found, before)
		}
	}
	isNow("without a stream")

	if err := jetstream.Provision(ctx, js, layout); err != nil {
		t.Fatal(err)
	}
	isNow("without an import")
	const began = 1_800_000_000_000
	plan := planned(t, began)
	stopped, stop := context.WithCancel(ctx)
	_, err = imports.Importer{JS: js, Layout: layout, Plan: plan, Progress: func(replay.Progress) { stop() }}.Run(stopped)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped on its way: %v", err)
	}
	if found := latest(); found != began {
		t.Errorf("in an open import the latest is %d, want %d", found, began)
	}

	if _, err := (imports.Importer{JS: js, Layout: layout, Plan: plan}).Run(ctx); !errors.Is(err, replay.ErrImportOpen) {
		t.Errorf("begun anew while it is open: %v", err)
	}
	// It goes on, up to where it waits for the answer of shards, which are not run here.
	stopped, stop = context.WithCancel(ctx)
	status, err := imports.Importer{JS: js, Layout: layout, Plan: plan, Resume: true, Progress: func(p replay.Progress) {
		if p.Rows == 3 {
			stop()
		}
	}}.Run(stopped)
	if !errors.Is(err, context.Canceled) || status.Rows != 3 || status.ID != plan.Import || status.State != jetstream.ImportOpen || status.LatestMS != began {
		t.Errorf("stopped at its end with %+v and %v, want 3 rows", status, err)
	}

	conn.Close()
	if _, err := imports.Latest(ctx, js, layout, time.Hour); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("without NATS the latest is told with %v", err)
	}
	if _, err := (imports.Importer{JS: js, Layout: layout, Plan: plan}).Run(ctx); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("without NATS it runs with %v", err)
	}
}
