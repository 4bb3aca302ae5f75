package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/show"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/inspect"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
)

// customerCommand is `ebb customer`.
type customerCommand struct {
	ID         string                   `arg:"" name:"id" help:"The customer's id, as events have it; anonymous:ID for one known by anonymous_id alone."`
	JSON       bool                     `name:"json" help:"Print JSON. Times are Unix ms."`
	NATS       setting.NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Processing setting.ProcessingConfig `embed:"" group:"Processing"`
	Churn      setting.ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`
	Log        setting.LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb customer --help.
func (customerCommand) Help() string {
	return "Shows a customer's level and risk, why, the rhythm that the model believes in, what comes next if they stay silent, " +
		"and the changes of level so far. It reads NATS alone and writes nothing: it makes its own copy of the customer's partition, " +
		"from the last snapshot and the records since, so it works beside `ebb run` and without it. It needs the settings of `ebb run`.\n\n" +
		term.Examples(
			"ebb customer c-17",
			"ebb customer c-17 --config ebb.yaml",
			"ebb customer anonymous:4f2a --json | jq '{level, risk, next_crossing}'",
			"ebb customer c000018 --churn.horizon 21d --nats.url nats://127.0.0.1:4222   # of `ebb demo --serve --nats-port 4222`",
		)
}

// Run looks the customer up and prints.
func (c *customerCommand) Run(ctx context.Context, to call.Streams) error {
	if err := event.CheckCustomer(c.ID); err != nil {
		return err
	}
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	ports, err := inspectPorts(ctx, js, c.Stream.Layout())
	if err != nil {
		return err
	}
	reading := newReading(to.Err)
	report, err := inspect.Inspect(ctx, c.Processing.Pipeline(&c.Stream, &c.Churn), ports, c.ID, reading.set)
	reading.close()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(report)
	}

	return show.Customer(to.Out, report, c.Churn.Language, time.Now())
}

// inspectPorts opens what is read of a customer; nothing is created.
func inspectPorts(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) (ports inspect.Ports, err error) {
	if err := jetstream.CheckInput(ctx, js, layout); err != nil {
		if errors.Is(err, natsjs.ErrStreamNotFound) {
			err = setting.NoStream(layout)
		}

		return ports, err
	}
	ports.Input = jetstream.NewInput(js, layout)
	ports.Signals = jetstream.NewSignals(js, layout)
	manifests, err := jetstream.NewManifests(ctx, js, layout)
	ports.Manifests, ports.Configs = manifests, jetstream.NewConfigs(js, layout)
	if errors.Is(err, natsjs.ErrBucketNotFound) {
		ports.Manifests, ports.Configs, err = goneStore{err}, nil, nil
	}
	if err != nil {
		return ports, err
	}
	ports.Snapshots, err = jetstream.NewSnapshots(ctx, js, layout)
	if errors.Is(err, natsjs.ErrBucketNotFound) {
		ports.Snapshots, err = goneStore{err}, nil
	}

	return ports, err
}

// goneStore stands for a bucket that was deleted: it holds nothing.
type goneStore struct{ cause error }

func (g goneStore) Get(context.Context, string) ([]byte, error) {
	return nil, fmt.Errorf("%w: %w", own.ErrNoSnapshot, g.cause)
}

func (g goneStore) Load(context.Context, int) (own.Manifest, uint64, error) {
	return own.Manifest{}, 0, fmt.Errorf("%w: %w", own.ErrNoSnapshot, g.cause)
}

// reading shows how far the reading has come, once it takes long. First comes
// the snapshot, of which there is nothing to count, then the records.
type reading struct {
	to       io.Writer
	progress *term.Progress
	snapshot *time.Timer

	mu    sync.Mutex // the timer's message comes on a goroutine of its own
	begun bool       // the snapshot is read
	shown bool
}

// readingQuiet is for how long the reading says nothing.
const readingQuiet = time.Second

func newReading(to io.Writer) *reading {
	r := &reading{to: to, progress: term.NewProgress(to, "reading")}
	r.progress.Told = r.progress.Began.Add(readingQuiet - term.ProgressLineEvery) // the first line comes then
	r.snapshot = time.AfterFunc(readingQuiet, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.begun {
			fmt.Fprintln(r.to, "Reading the last snapshot of the customer's partition.")
		}
	})

	return r
}

func (r *reading) set(read, total uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
	if r.progress.Bar == nil || time.Since(r.progress.Began) >= readingQuiet {
		r.progress.Set(read, total, "records since the last snapshot")
		r.shown = true
	}
}

func (r *reading) close() {
	r.snapshot.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
	if r.shown {
		r.progress.Close()
	}
}
