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

	"ebb/pipeline"
	"ebb/pipeline/jetstream"
)

// customerCommand is `ebb customer`.
type customerCommand struct {
	ID         string           `arg:"" name:"id" help:"The customer's id, as events have it; anonymous:ID for one known by anonymous_id alone."`
	JSON       bool             `name:"json" help:"Print JSON. Times are Unix ms."`
	NATS       NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Processing ProcessingConfig `embed:"" group:"Processing"`
	Churn      ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`
	Log        LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb customer --help.
func (customerCommand) Help() string {
	return "Shows a customer's level and risk, why, the rhythm that the model believes in, what comes next if they stay silent, " +
		"and the changes of level so far. It reads NATS alone and writes nothing: it makes its own copy of the customer's partition, " +
		"from the last snapshot and the records since, so it works beside `ebb run` and without it. It needs the settings of `ebb run`.\n\n" +
		examples(
			"ebb customer c-17",
			"ebb customer c-17 --config ebb.yaml",
			"ebb customer anonymous:4f2a --json | jq '{level, risk, next_crossing}'",
			"ebb customer c000018 --churn.horizon 21d --nats.url nats://127.0.0.1:4222   # of `ebb demo --serve --nats-port 4222`",
		)
}

// Run looks the customer up and prints.
func (c *customerCommand) Run(ctx context.Context, to streams) error {
	if err := pipeline.CheckCustomer(c.ID); err != nil {
		return err
	}
	js, err := c.NATS.connectJetStream(ctx, c.Log.logger(to.err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	ports, err := inspectPorts(ctx, js, c.Stream.layout())
	if err != nil {
		return err
	}
	reading := newReading(to.err)
	report, err := pipeline.Inspect(ctx, c.Processing.pipeline(&c.Stream, &c.Churn), ports, c.ID, reading.set)
	reading.close()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(to.out).Encode(report)
	}

	return printCustomer(to.out, report, c.Churn.Language, time.Now())
}

// inspectPorts opens what is read of a customer; nothing is created.
func inspectPorts(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) (ports pipeline.InspectPorts, err error) {
	if err := jetstream.CheckInput(ctx, js, layout); err != nil {
		if errors.Is(err, natsjs.ErrStreamNotFound) {
			err = noStream(layout)
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
	return nil, fmt.Errorf("%w: %w", pipeline.ErrNoSnapshot, g.cause)
}

func (g goneStore) Load(context.Context, int) (pipeline.Manifest, uint64, error) {
	return pipeline.Manifest{}, 0, fmt.Errorf("%w: %w", pipeline.ErrNoSnapshot, g.cause)
}

// reading shows how far the reading has come, once it takes long. First comes
// the snapshot, of which there is nothing to count, then the records.
type reading struct {
	to       io.Writer
	progress *progress
	snapshot *time.Timer

	mu    sync.Mutex // the timer's message comes on a goroutine of its own
	begun bool       // the snapshot is read
	shown bool
}

// readingQuiet is for how long the reading says nothing.
const readingQuiet = time.Second

func newReading(to io.Writer) *reading {
	r := &reading{to: to, progress: newProgress(to, "reading")}
	r.progress.told = r.progress.began.Add(readingQuiet - progressLineEvery) // the first line comes then
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
	if r.progress.bar == nil || time.Since(r.progress.began) >= readingQuiet {
		r.progress.set(read, total, "records since the last snapshot")
		r.shown = true
	}
}

func (r *reading) close() {
	r.snapshot.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
	if r.shown {
		r.progress.close()
	}
}
