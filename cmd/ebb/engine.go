package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"golang.org/x/sync/errgroup"

	"ebb/cmd/ebb/health"
	"ebb/pipeline"
	"ebb/pipeline/jetstream"
	"ebb/sinks"
	"ebb/sinks/feed"
)

// engine is a whole ebb in one process: the instance that owns the partitions,
// the coordinator, and the feed that brings the outputs to a sink.
type engine struct {
	js       natsjs.JetStream
	layout   jetstream.Layout
	instance *pipeline.Instance
	feed     *feed.Feed // nil without a sink
	observer *observer
	timeout  time.Duration // of stop
	cancel   context.CancelFunc
	done     chan struct{} // closed when everything has stopped
	err      error         // why; read after done
}

// engineConfig is what an engine is made of.
type engineConfig struct {
	js       natsjs.JetStream
	layout   jetstream.Layout
	pipeline pipeline.Config
	options  pipeline.Options
	sink     sinks.Sink    // nil: nothing is written; the caller closes it
	stop     time.Duration // how long stop may take; 30 s if 0
	board    *health.Board // shows what hinders; nil: nobody looks
	log      *slog.Logger
}

// startEngine provisions the streams, takes the partitions over and runs. The
// caller calls stop.
func startEngine(ctx context.Context, c engineConfig) (*engine, error) {
	if err := jetstream.Provision(ctx, c.js, c.layout); err != nil {
		return nil, err
	}
	manifests, err := jetstream.NewManifests(ctx, c.js, c.layout)
	if err != nil {
		return nil, err
	}
	snapshots, err := jetstream.NewSnapshots(ctx, c.js, c.layout)
	if err != nil {
		return nil, err
	}
	e := &engine{js: c.js, layout: c.layout, observer: newObserver(c.log, c.board), timeout: cmp.Or(c.stop, defaultStopTimeout), done: make(chan struct{})}
	c.options.Nonce = cmp.Or(c.options.Nonce, nuid.Next())
	c.options.StopTimeout = e.timeout
	c.options.Observer = e.observer
	c.options.Adopted = func(adopted pipeline.Adopted) { logAdopted(c.log, &adopted) }
	e.instance, err = pipeline.NewInstance(ctx, c.pipeline, pipeline.Ports{
		Input:     jetstream.NewInput(c.js, c.layout).OnStranger(e.observer.strangers.met),
		Outputs:   jetstream.NewOutputs(c.js, c.layout).OnStranger(e.observer.strangers.met),
		Manifests: manifests.OnStranger(e.observer.strangers.met),
		Snapshots: snapshots,
		Configs:   jetstream.NewConfigs(c.js, c.layout).OnStranger(e.observer.strangers.met),
	}, c.options)
	if err != nil {
		return nil, err
	}
	if c.sink != nil {
		config := sinkFeed(c.layout)
		config.Logger = c.log
		e.feed, err = feed.New(c.js, c.sink, config)
		if err != nil {
			return nil, err
		}
		if err := e.feed.Start(); err != nil {
			return nil, err
		}
	}
	e.run(c)

	return e, nil
}

// logAdopted says what the configuration changes that this instance puts into
// force.
func logAdopted(log *slog.Logger, adopted *pipeline.Adopted) {
	version := adopted.KeptConfig.Version
	switch {
	case adopted.From.Version == 0:
		log.Info("the configuration is version 1", "version", version)
	case len(adopted.Changes) == 0:
		log.Info("the configuration is the one in force", "version", version)
	default:
		for _, sentence := range pipeline.Sentences(adopted.Changes) {
			log.Info("the configuration changes from here on: "+sentence, "version", version)
		}
	}
}

// run starts the instance and the coordinator.
func (e *engine) run(c engineConfig) {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:contextcheck // stop ends it, in two steps
	e.cancel = cancel
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.instance.Run(ctx) })
	group.Go(func() error {
		transport := jetstream.NewCoordinator(c.js, c.layout).OnStranger(e.observer.strangers.met)
		source := transport.Statistics(0)
		defer source.Close()

		return pipeline.Coordinate(ctx, c.pipeline.Partitions, source, transport, e.observer)
	})
	go func() {
		e.err = group.Wait()
		close(e.done)
	}()
}

// drain stops the instance and waits until all that it has published is
// written.
func (e *engine) drain(ctx context.Context) error {
	e.cancel()
	<-e.done
	if e.err != nil || e.feed == nil {
		return e.err
	}

	return e.feed.CaughtUp(ctx)
}

// leastFeedStop is what is left for the feed where the instance took all the
// time there is.
const leastFeedStop = time.Second

// stop stops in two steps: the instance stops pulling and commits what it has
// pulled, then the feed writes what it has read. Both together have the time of
// the timeout; what is not stored or written by then is by the next start.
func (e *engine) stop() error {
	deadline := time.Now().Add(e.timeout)
	e.cancel()
	<-e.done
	err := e.err
	if errors.Is(err, pipeline.ErrStopTimeout) {
		err = fmt.Errorf("stop: %w, %s (stop.timeout); nothing is lost, the next start makes it again", err, e.timeout)
	}
	if e.feed == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), max(leastFeedStop, time.Until(deadline)))
	defer cancel()
	if stopErr := e.feed.Stop(ctx); stopErr != nil {
		return errors.Join(err, fmt.Errorf("stop writing to ClickHouse: %w; the rest is written by the next start", stopErr))
	}

	return err
}

// settled waits until the imports so far are processed, committed and written.
func (e *engine) settled(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) error {
	ends, err := jetstream.HistoryEnds(ctx, js, layout)
	if err != nil {
		return err
	}
	ctx, cancel := e.whileRunning(ctx)
	defer cancel()
	if err := e.instance.WaitCommitted(ctx, ends); err != nil {
		return e.cause(err)
	}
	if e.feed == nil {
		return nil
	}

	return e.cause(e.feed.CaughtUp(ctx))
}

// whileRunning is a context that also ends when the engine does.
func (e *engine) whileRunning(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-e.done:
			cancel()
		case <-ctx.Done():
		}
	}()

	return ctx, cancel
}

// cause prefers the reason for which the engine stopped.
func (e *engine) cause(err error) error {
	select {
	case <-e.done:
		if e.err != nil {
			return e.err
		}
	default:
	}

	return err
}

// totals sums up all partitions.
func (e *engine) totals() (counts pipeline.Counts, levels [4]int64, customers int64) {
	for _, p := range e.instance.Progress() {
		counts.Add(p.Counts)
		customers += p.Customers
		for i, n := range p.Levels {
			levels[i] += n
		}
	}

	return counts, levels, customers
}
