package serve

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
	"ebb/cmd/ebb/setting"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/sinks"
	"ebb/sinks/deliver"
)

// Engine is a whole ebb in one process: the instance that owns the partitions,
// the coordinator, and the feed that brings the outputs to a sink.
type Engine struct {
	js       natsjs.JetStream
	layout   jetstream.Layout
	Instance *own.Instance
	Feed     *deliver.Feed // nil without a sink
	Observer *Observer
	timeout  time.Duration // of stop
	cancel   context.CancelFunc
	Done     chan struct{} // closed when everything has stopped
	Err      error         // why; read after done
}

// EngineConfig is what an engine is made of.
type EngineConfig struct {
	Js       natsjs.JetStream
	Layout   jetstream.Layout
	Pipeline meaning.Config
	Options  own.Options
	Sink     sinks.Sink    // nil: nothing is written; the caller closes it
	stop     time.Duration // how long stop may take; 30 s if 0
	board    *health.Board // shows what hinders; nil: nobody looks
	Log      *slog.Logger
}

// StartEngine provisions the streams, takes the partitions over and runs. The
// caller calls stop.
func StartEngine(ctx context.Context, c EngineConfig) (*Engine, error) {
	if err := jetstream.Provision(ctx, c.Js, c.Layout); err != nil {
		return nil, err
	}
	manifests, err := jetstream.NewManifests(ctx, c.Js, c.Layout)
	if err != nil {
		return nil, err
	}
	snapshots, err := jetstream.NewSnapshots(ctx, c.Js, c.Layout)
	if err != nil {
		return nil, err
	}
	e := &Engine{js: c.Js, layout: c.Layout, Observer: NewObserver(c.Log, c.board), timeout: cmp.Or(c.stop, defaultStopTimeout), Done: make(chan struct{})}
	c.Options.Nonce = cmp.Or(c.Options.Nonce, nuid.Next())
	c.Options.StopTimeout = e.timeout
	c.Options.Observer = e.Observer
	c.Options.Adopted = func(adopted own.Adopted) { logAdopted(c.Log, &adopted) }
	c.Options.Lost = e.Observer.lost
	e.Instance, err = own.NewInstance(ctx, c.Pipeline, own.Ports{
		Input:     jetstream.NewInput(c.Js, c.Layout).OnStranger(e.Observer.Strangers.met),
		Outputs:   jetstream.NewOutputs(c.Js, c.Layout).OnStranger(e.Observer.Strangers.met),
		Manifests: manifests.OnStranger(e.Observer.Strangers.met),
		Snapshots: snapshots,
		Configs:   jetstream.NewConfigs(c.Js, c.Layout).OnStranger(e.Observer.Strangers.met),
	}, c.Options)
	if err != nil {
		return nil, err
	}
	if c.Sink != nil {
		config := setting.SinkFeed(c.Layout)
		config.Logger = c.Log
		e.Feed, err = deliver.New(c.Js, c.Sink, config)
		if err != nil {
			return nil, err
		}
		if err := e.Feed.Start(); err != nil {
			return nil, err
		}
	}
	e.run(c)

	return e, nil
}

// logAdopted says what the configuration changes that this instance puts into
// force.
func logAdopted(log *slog.Logger, adopted *own.Adopted) {
	version := adopted.KeptConfig.Version
	switch {
	case adopted.From.Version == 0:
		log.Info("the configuration is version 1", "version", version)
	case len(adopted.Changes) == 0:
		log.Info("the configuration is the one in force", "version", version)
	default:
		for _, sentence := range meaning.Sentences(adopted.Changes) {
			log.Info("the configuration changes from here on: "+sentence, "version", version)
		}
	}
}

// run starts the instance and the coordinator.
func (e *Engine) run(c EngineConfig) {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:contextcheck // stop ends it, in two steps
	e.cancel = cancel
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.Instance.Run(ctx) })
	group.Go(func() error {
		transport := jetstream.NewCoordinator(c.Js, c.Layout).OnStranger(e.Observer.Strangers.met)
		source := transport.Statistics(0)
		defer source.Close()

		return coordinate.Coordinate(ctx, c.Pipeline.Partitions, source, transport, e.Observer)
	})
	group.Go(func() error {
		e.erase(ctx, &c)

		return nil
	})
	go func() {
		e.Err = group.Wait()
		close(e.Done)
	}()
}

// Drain stops the instance and waits until all that it has published is
// written.
func (e *Engine) Drain(ctx context.Context) error {
	e.cancel()
	<-e.Done
	if e.Err != nil || e.Feed == nil {
		return e.Err
	}

	return e.Feed.CaughtUp(ctx)
}

// leastFeedStop is what is left for the feed where the instance took all the
// time there is.
const leastFeedStop = time.Second

// Stop stops in two steps: the instance stops pulling and commits what it has
// pulled, then the feed writes what it has read. Both together have the time of
// the timeout; what is not stored or written by then is by the next start.
func (e *Engine) Stop() error {
	deadline := time.Now().Add(e.timeout)
	e.cancel()
	<-e.Done
	err := e.Err
	if errors.Is(err, own.ErrStopTimeout) {
		err = fmt.Errorf("stop: %w, %s (stop.timeout); nothing is lost, the next start makes it again", err, e.timeout)
	}
	if e.Feed == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), max(leastFeedStop, time.Until(deadline)))
	defer cancel()
	if stopErr := e.Feed.Stop(ctx); stopErr != nil {
		return errors.Join(err, fmt.Errorf("stop writing to ClickHouse: %w; the rest is written by the next start", stopErr))
	}

	return err
}

// Settled waits until the imports so far are processed, committed and written.
func (e *Engine) Settled(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) error {
	ends, err := jetstream.HistoryEnds(ctx, js, layout)
	if err != nil {
		return err
	}
	ctx, cancel := e.WhileRunning(ctx)
	defer cancel()
	if err := e.Instance.WaitCommitted(ctx, ends); err != nil {
		return e.Cause(err)
	}
	if e.Feed == nil {
		return nil
	}

	return e.Cause(e.Feed.CaughtUp(ctx))
}

// WhileRunning is a context that also ends when the engine does.
func (e *Engine) WhileRunning(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-e.Done:
			cancel()
		case <-ctx.Done():
		}
	}()

	return ctx, cancel
}

// Cause prefers the reason for which the engine stopped.
func (e *Engine) Cause(err error) error {
	select {
	case <-e.Done:
		if e.Err != nil {
			return e.Err
		}
	default:
	}

	return err
}

// Totals sums up all partitions.
func (e *Engine) Totals() (counts shard.Counts, levels [4]int64, customers int64) {
	for _, p := range e.Instance.Progress() {
		counts.Add(p.Counts)
		customers += p.Customers
		for i, n := range p.Levels {
			levels[i] += n
		}
	}

	return counts, levels, customers
}
