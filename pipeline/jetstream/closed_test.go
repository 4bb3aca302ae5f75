package jetstream

import (
	"context"
	"errors"
	"testing"
	"time"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Whoever asks over a connection that is closed is told, at once, and by no empty answer.
func TestClosedConnectionIsAnError(t *testing.T) {
	js, layout := provisioned(t)
	input, personal, stages := NewInput(js, layout), NewPersonal(js, layout, "ann"), &Stage{js: js, layout: layout}
	manifests, err := NewManifests(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	snapshots, err := NewSnapshots(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	lease := NewLease(js, layout, Holder{}, time.Second, LeaseObserver{})
	configs, letters, outputs, writer := NewConfigs(js, layout), NewDeadLetters(js, layout), NewOutputs(js, layout), NewSourceWriter(js, layout, "shop")
	js.Conn().Close()

	none := func(StoredMessage) error { return nil }
	for name, ask := range map[string]func(context.Context) error{
		"erase":          func(ctx context.Context) error { return NewEraser(js, layout).Erase(ctx, 0, shard.Erase{}, Erasing{}) },
		"signals of one": func(ctx context.Context) error { return personal.Signals(ctx, none) },
		"late of one":    func(ctx context.Context) error { return personal.Late(ctx, none) },
		"letters of one": func(ctx context.Context) error { return personal.DeadLetters(ctx, none) },
		"staged of one":  func(ctx context.Context) error { return personal.Staged(ctx, none) },
		"forget":         func(ctx context.Context) error { _, err := input.Forget(ctx, "ann"); return err },
		"the key":        func(ctx context.Context) error { _, err := input.HashKey(ctx); return err },
		"a record":       func(ctx context.Context) error { _, err := input.Holds(ctx, 1); return err },
		"era":            func(ctx context.Context) error { _, err := input.Era(ctx); return err },
		"first":          func(ctx context.Context) error { _, err := input.First(ctx); return err },
		"last":           func(ctx context.Context) error { _, err := input.Last(ctx); return err },
		"left":           func(ctx context.Context) error { _, err := input.Left(ctx, 0, 1); return err },
		"tick":           func(ctx context.Context) error { return input.Tick(ctx, 0) },
		"open":           func(ctx context.Context) error { _, err := input.Open(ctx, 1); return err },
		"behind": func(ctx context.Context) error {
			_, err := Behind(ctx, js, layout, make([]uint64, layout.Partitions))
			return err
		},
		"ends":        func(ctx context.Context) error { _, err := HistoryEnds(ctx, js, layout); return err },
		"last live":   func(ctx context.Context) error { _, err := LastLive(ctx, js, layout); return err },
		"last import": func(ctx context.Context) error { _, err := LastImport(ctx, js, layout); return err },
		"abort":       func(ctx context.Context) error { _, err := AbortImport(ctx, js, layout); return err },
		"import": func(ctx context.Context) error {
			_, err := OpenImport(ctx, js, layout, ImportConfig{ID: "i"})
			return err
		},
		"provision":        func(ctx context.Context) error { return Provision(ctx, js, layout) },
		"the input":        func(ctx context.Context) error { return CheckInput(ctx, js, layout) },
		"quality":          func(ctx context.Context) error { _, err := RecentQuality(ctx, js, layout); return err },
		"cursors":          func(ctx context.Context) error { _, err := SourceCursors(ctx, js, layout); return err },
		"a cursor":         func(ctx context.Context) error { _, _, err := writer.Cursor(ctx); return err },
		"another's stream": func(ctx context.Context) error { _, err := LookForeign(ctx, js, "ORDERS"); return err },
		"since then":       func(ctx context.Context) error { _, err := ForeignSince(ctx, js, "ORDERS", time.Now()); return err },
		"back up": func(ctx context.Context) error {
			_, err := BackUp(ctx, js, layout, t.TempDir()+"/b", func(BackedUp) {})
			return err
		},
		"stage":             func(ctx context.Context) error { _, err := OpenStage(ctx, js, layout); return err },
		"a round":           func(ctx context.Context) error { _, _, err := stages.Round(ctx); return err },
		"a stage's cursor":  func(ctx context.Context) error { _, _, err := stages.Cursor(ctx, "shop"); return err },
		"the stage's first": func(ctx context.Context) error { _, err := stages.First(ctx); return err },
		"empty the stage":   func(ctx context.Context) error { return stages.Empty(ctx) },
		"a chunk":           func(ctx context.Context) error { return stages.Chunk(ctx, "shop", []byte("{}\n"), SourceCursor{}) },
		"manifests":         func(ctx context.Context) error { _, err := NewManifests(ctx, js, layout); return err },
		"a manifest":        func(ctx context.Context) error { _, _, err := manifests.Load(ctx, 0); return err },
		"snapshots":         func(ctx context.Context) error { _, err := NewSnapshots(ctx, js, layout); return err },
		"a snapshot":        func(ctx context.Context) error { _, err := snapshots.Get(ctx, "s"); return err },
		"store a snapshot":  func(ctx context.Context) error { return snapshots.Put(ctx, "s", []byte("x")) },
		"configs":           func(ctx context.Context) error { _, err := configs.Newest(ctx); return err },
		"a config":          func(ctx context.Context) error { _, err := configs.Version(ctx, 1); return err },
		"add a config":      func(ctx context.Context) error { return configs.Add(ctx, 1, []byte("{}")) },
		"a letter":          func(ctx context.Context) error { _, err := letters.Get(ctx, 1); return err },
		"letters": func(ctx context.Context) error {
			return letters.Newest(ctx, "", 1, func(DeadLetter) error { return nil })
		},
		"a marker":       func(ctx context.Context) error { _, err := outputs.Marker(ctx, shard.Signals, 0, 0); return err },
		"newest signals": func(ctx context.Context) error { _, err := NewSignals(js, layout).Newest(ctx, 0, "ann", 3); return err },
		"save a manifest": func(ctx context.Context) error {
			_, err := manifests.Save(ctx, own.Manifest{Generation: 1, Nonce: "n"}, 0)

			return err
		},
		"sweep": func(ctx context.Context) error {
			_, err := snapshots.Sweep(ctx, func(context.Context) (func(string) bool, error) { return func(string) bool { return true }, nil })

			return err
		},
		"publish": func(ctx context.Context) error {
			_, err := outputs.Publish(ctx, shard.Signals, 0, 0, nil, own.Marker{})

			return err
		},
		"a model": func(ctx context.Context) error {
			return NewCoordinator(js, layout).PublishModel(ctx, 0, "", []byte("{}"))
		},
		"alerts": func(ctx context.Context) error {
			return NewCoordinator(js, layout).PublishAlerts(ctx, 0, "", []byte("{}"))
		},
		"announce": func(ctx context.Context) error { return configs.Announce(ctx, 0, []byte("{}")) },
		"renew":    func(ctx context.Context) error { return lease.Renew(ctx) },
		"store events": func(ctx context.Context) error {
			return writer.Store(ctx, []SourceEvent{{"ann", []byte("{}")}}, SourceCursor{Sequence: 1})
		},
		"seize": func(ctx context.Context) error { return lease.Seize(ctx) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		began := time.Now()
		if err := ask(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v after %s", name, err, time.Since(began))
		}
		cancel()
	}
}
