package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/simulate"
)

// restartFigures are those of a stop and a start with many customers, against a
// NATS server with its default limits.
type restartFigures struct {
	Restart float64 `json:"restart_seconds_1500k"`       // from the start of the process's work to its first commit
	Bytes   float64 `json:"snapshot_bytes_per_customer"` // as stored
	Pause   float64 `json:"snapshot_pause_ms_max"`       // longest time that a snapshot kept a shard from its events

	Customers      int     `json:"restart_customers"`
	Restored       float64 `json:"restart_restore_seconds"` // of these, until all shards are back
	Stop           float64 `json:"stop_seconds"`
	MemoryEmpty    int64   `json:"restart_memory_bytes_empty"`     // before there is a customer
	MemoryBefore   int64   `json:"restart_memory_bytes_before"`    // running, before the stop
	MemoryStopping int64   `json:"restart_memory_bytes_stopping"`  // most while all shards are stored
	MemoryStarting int64   `json:"restart_memory_bytes_restoring"` // most while all are brought back
	MemoryAfter    int64   `json:"restart_memory_bytes_after"`     // running again, once the garbage is gone
}

// measureRestart gives many customers a minute of history, stops the process
// that knows them, and starts another.
func (c *runCommand) measureRestart(ctx context.Context, f *figures, say *progress) (err error) {
	dir, err := os.MkdirTemp("", "ebbbench-restart-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	nats, err := startServer(ctx, say, "nats", filepath.Join(dir, "nats"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nats.stop()) }()
	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: nats.address})
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	layout := jetstream.Layout{}.WithDefaults()
	if err := jetstream.Provision(ctx, js, layout); err != nil {
		return err
	}
	say.step("%d customers", c.RestartCustomers)
	if err := c.publishCustomers(ctx, nats.address, layout); err != nil {
		return err
	}

	out := &restartFigures{Customers: c.RestartCustomers}
	var stopped, started restartRun
	customers := fmt.Sprint("--customers=", c.RestartCustomers)
	if err := measureIn(ctx, say, &stopped, "restart", nats.address, customers, c.argument()); err != nil {
		return err
	}
	say.step("stopped in %.1f s", stopped.Stop)
	if out.Bytes, err = storedBytes(ctx, js, layout); err != nil {
		return err
	}
	out.Bytes /= float64(c.RestartCustomers)
	if err := measureIn(ctx, say, &started, "restart", nats.address, customers, c.argument()); err != nil {
		return err
	}
	out.Restart, out.Restored, out.Stop = started.First, started.Restored, stopped.Stop
	out.Pause = max(stopped.Pause, started.Pause)
	out.MemoryEmpty, out.MemoryBefore, out.MemoryStopping = stopped.Empty, stopped.Running, stopped.Stopping
	out.MemoryStarting, out.MemoryAfter = started.Starting, started.Running
	say.step("first commit %.1f s after the start", out.Restart)
	f.restartFigures = out

	return nil
}

// publishCustomers gives each customer two events within the last minute.
func (c *runCommand) publishCustomers(ctx context.Context, url string, layout jetstream.Layout) error {
	traffic := simulate.NewTraffic(simulate.TrafficConfig{Seed: 1, Customers: c.RestartCustomers, Rate: 1, Start: time.Now()})
	publisher, err := newPublisher(url, layout, traffic)
	if err != nil {
		return err
	}
	for round := range 2 {
		for customer := range uint64(c.RestartCustomers) {
			if err := publisher.send(customer, time.Now().UnixMilli()-int64(customer%20_000)-int64(30_000*round)); err != nil {
				return err
			}
		}
	}

	return publisher.finish(ctx)
}

func storedBytes(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) (float64, error) {
	store, err := js.ObjectStore(ctx, layout.Snapshots)
	if err != nil {
		return 0, err
	}
	objects, err := store.List(ctx)
	if err != nil {
		return 0, err
	}
	if len(objects) != layout.Partitions {
		return 0, fmt.Errorf("%d snapshots are stored, and there are %d partitions", len(objects), layout.Partitions)
	}
	bytes := 0.0
	for _, object := range objects {
		bytes += float64(object.Size)
	}

	return bytes, nil
}

func (r *restartFigures) print(out io.Writer) {
	megabytes := func(bytes int64) string { return count(float64(bytes)/1e6) + " MB" }
	table(out, fmt.Sprintf("Stop and start with %s customers", count(float64(r.Customers))),
		[]string{"stop", ratio(r.Stop) + " s"},
		[]string{"start to first commit", ratio(r.Restart) + " s"},
		[]string{"of it until restored", ratio(r.Restored) + " s"},
		[]string{"snapshot, a customer", count(r.Bytes) + " B"},
		[]string{"longest pause of a shard", ratio(r.Pause) + " ms"},
		[]string{"memory empty", megabytes(r.MemoryEmpty)},
		[]string{"memory running", megabytes(r.MemoryBefore)},
		[]string{"memory stopping, most", megabytes(r.MemoryStopping)},
		[]string{"memory restoring, most", megabytes(r.MemoryStarting)},
		[]string{"memory running again", megabytes(r.MemoryAfter)},
	)
}
