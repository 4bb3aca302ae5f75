package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"golang.org/x/sync/errgroup"

	"ebb/pipeline/coordinate"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/sinks"
	"ebb/sinks/deliver"
)

// observed is what an engine did.
type observed struct {
	cuts     atomic.Int64
	batches  atomic.Int64
	messages atomic.Int64
	retries  atomic.Int64
}

// Committed counts a cut.
func (o *observed) Committed(*shard.Cut, int) { o.cuts.Add(1) }

// Retried counts a failure that passed.
func (o *observed) Retried(error) { o.retries.Add(1) }

func (o *observed) Restoring(int, int) {}

// engine is a whole ebb, wired as `ebb run` wires it: the instance, the
// coordinator and the feed of the sink, on a connection of its own.
type engine struct {
	observed
	conn     *nats.Conn
	instance *own.Instance
	feed     *deliver.Feed
	cancel   context.CancelFunc
	done     chan struct{}
	err      error // why it stopped; read after done
}

// startEngine provisions, takes the partitions over and runs, until stop.
func startEngine(ctx context.Context, url string, layout jetstream.Layout, config meaning.Config, sink sinks.Sink) (*engine, error) {
	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: url, Name: "ebbbench"})
	if err != nil {
		return nil, err
	}
	e := &engine{conn: js.Conn(), done: make(chan struct{})}
	if err := e.open(ctx, js, layout, config, sink); err != nil {
		js.Conn().Close()

		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.cancel = cancel
	group, running := errgroup.WithContext(running)
	group.Go(func() error { return e.instance.Run(running) })
	group.Go(func() error { return e.coordinate(running, js, layout) })
	go func() {
		e.err = group.Wait()
		close(e.done)
	}()

	return e, nil
}

func (e *engine) open(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout, config meaning.Config, sink sinks.Sink) error {
	if err := jetstream.Provision(ctx, js, layout); err != nil {
		return err
	}
	manifests, err := jetstream.NewManifests(ctx, js, layout)
	if err != nil {
		return err
	}
	snapshots, err := jetstream.NewSnapshots(ctx, js, layout)
	if err != nil {
		return err
	}
	e.instance, err = own.NewInstance(ctx, config, own.Ports{
		Input:     jetstream.NewInput(js, layout),
		Outputs:   counting{jetstream.NewOutputs(js, layout), &e.observed},
		Manifests: manifests,
		Snapshots: snapshots,
	}, own.Options{Nonce: nuid.Next(), Observer: &e.observed})
	if err != nil {
		return err
	}
	e.feed, err = deliver.New(js, sink, deliver.Config{Prefix: layout.Prefix, StreamPrefix: layout.Stream})
	if err != nil {
		return err
	}

	return e.feed.Start()
}

func (e *engine) coordinate(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) error {
	transport := jetstream.NewCoordinator(js, layout)
	source := transport.Statistics(0)
	defer source.Close()

	return coordinate.Coordinate(ctx, layout.Partitions, source, transport, &e.observed)
}

// wait waits until every partition has committed its sequence.
func (e *engine) wait(ctx context.Context, ends []uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopWatching := make(chan struct{})
	defer close(stopWatching)
	go func() {
		select {
		case <-e.done:
			cancel()
		case <-stopWatching:
		}
	}()
	if err := e.instance.WaitCommitted(ctx, ends); err != nil {
		select {
		case <-e.done:
			return errors.Join(e.err, err)
		default:
			return err
		}
	}

	return nil
}

// stopPatience is how long the feed may take to write what it has read.
const stopPatience = 30 * time.Second

// stop ends the engine and closes its connection.
func (e *engine) stop() error {
	e.cancel()
	<-e.done
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	err := e.feed.Stop(ctx)
	e.conn.Close()

	return errors.Join(e.err, err)
}

// counts sums up what became of the records of all partitions.
func (e *engine) counts() (counts shard.Counts) {
	for _, p := range e.instance.Progress() {
		counts.Add(p.Counts)
	}

	return counts
}

// removeOutputs deletes everything that an engine leaves on the server but the
// input stream.
func removeOutputs(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) error {
	for stream := range shard.Stream(shard.Streams) {
		err := js.DeleteStream(ctx, layout.StreamName(stream))
		if err != nil && !errors.Is(err, natsjs.ErrStreamNotFound) {
			return err
		}
	}
	for _, bucket := range []string{layout.Manifests, "ebb_sinks"} {
		if err := js.DeleteKeyValue(ctx, bucket); err != nil && !errors.Is(err, natsjs.ErrBucketNotFound) {
			return err
		}
	}
	err := js.DeleteObjectStore(ctx, layout.Snapshots)
	if err != nil && !errors.Is(err, natsjs.ErrStreamNotFound) && !errors.Is(err, natsjs.ErrBucketNotFound) {
		return err
	}

	return nil
}
