package main

import (
	"log/slog"
	"testing"
	"time"

	"ebb/cmd/ebb/serve"
	"ebb/pipeline/jetstream"
)

// Output streams that are deleted or purged while ebb runs, and statistics that
// are while it is stopped, are made anew, and ebb goes on.
func TestDeletedOutputStreamsHeal(t *testing.T) {
	o := startOperated(t)
	start := func() *serve.Engine {
		t.Helper()
		e, err := serve.StartEngine(t.Context(), serve.EngineConfig{Js: o.js, Layout: o.layout, Pipeline: o.config, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}

		return e
	}
	id := 0
	goesOn := func(e *serve.Engine) {
		t.Helper()
		for _, customer := range []string{"ann", "ben", "cleo", "dora"} {
			id++
			o.publish(t, customer, shopEvent(string(rune('a'+id)), customer, "page.viewed"))
			o.publish(t, customer, "junk")
		}
		eventually(t, "the events to be committed", func() bool {
			select {
			case <-e.Done:
				t.Fatal(e.Err)
			default:
			}
			committed := make([]uint64, o.layout.Partitions)
			for _, p := range e.Instance.Progress() {
				committed[p.Partition] = p.Committed
			}
			behind, err := jetstream.Behind(t.Context(), o.js, o.layout, committed)

			return err == nil && behind[0]+behind[1] == 0
		})
	}
	o.config.CoordinateInterval = time.Second
	e := start()
	goesOn(e)
	for _, stream := range []string{"ENGAGEMENT_STATISTICS", "ENGAGEMENT_DEADLETTERS", "ENGAGEMENT_ROLLUPS", "ENGAGEMENT_SIGNALS"} {
		if err := o.js.DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
	}
	goesOn(e)
	if o.messages(t, "ENGAGEMENT_DEADLETTERS") == 0 {
		t.Error("no dead letters in the stream that was made anew")
	}
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}

	for _, remove := range []func() error{
		func() error {
			s, err := o.js.Stream(t.Context(), "ENGAGEMENT_STATISTICS")
			if err != nil {
				return err
			}

			return s.Purge(t.Context())
		},
		func() error { return o.js.DeleteStream(t.Context(), "ENGAGEMENT_STATISTICS") },
	} {
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		e := start()
		goesOn(e)
		if err := e.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}
