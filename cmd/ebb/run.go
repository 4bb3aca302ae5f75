package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// runCommand is `ebb run`: all settings, and nothing else.
type runCommand struct {
	Config `embed:""`
}

// Help is shown by ebb run --help.
func (runCommand) Help() string {
	return "Runs until interrupted: takes all partitions over, processes what the stream holds and what comes, " +
		"publishes rollups and signals, and writes them to ClickHouse.\n\n" +
		examples(
			"ebb run",
			"ebb run --config ebb.yaml",
			"ebb run --nats.url nats://nats:4222 --clickhouse.addr clickhouse:8123",
			"EBB_NATS_URL=nats://nats:4222 ebb run --no-clickhouse.enabled",
		)
}

// Run runs until ctx ends, then stops in two steps.
func (c *runCommand) Run(ctx context.Context, to streams, limit *stopLimit) (err error) {
	limit.allow(time.Duration(c.Stop.Timeout))
	log := c.Log.logger(to.err)
	js, err := c.NATS.connectJetStream(ctx, log)
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	sink, err := c.openSink(log)
	if err != nil {
		return err
	}
	if sink != nil {
		defer func() { err = errors.Join(err, sink.Close()) }()
	}
	e, err := startEngine(ctx, engineConfig{
		js:       js,
		layout:   c.Stream.layout(),
		pipeline: c.Processing.pipeline(&c.Stream, &c.Churn),
		options:  pipeline.Options{SnapshotInterval: time.Duration(c.Processing.Snapshot.Interval)},
		sink:     sink,
		stop:     time.Duration(c.Stop.Timeout),
		log:      log,
	})
	if err != nil {
		return err
	}
	log.Info("running", "version", programVersion(), "partitions", c.Stream.Partitions, "clickhouse", c.ClickHouse.Enabled)

	return errors.Join(c.serveUntil(ctx, e, js, log), e.stop())
}

// openSink returns where the rows go, nil for nowhere. It does not wait for
// ClickHouse: the pipeline depends on NATS alone.
func (c *runCommand) openSink(log *slog.Logger) (sinks.Sink, error) {
	if !c.ClickHouse.Enabled {
		return nil, nil
	}
	config := c.ClickHouse.sink()
	sink, err := clickhouse.Connect(config)
	if err != nil {
		return nil, err
	}

	return &preparingSink{Sink: sink, config: config, ttl: c.TTL.times(), log: log}, nil
}

// serveUntil serves metrics and health until ctx ends or the engine fails.
func (c *runCommand) serveUntil(ctx context.Context, e *engine, js natsjs.JetStream, log *slog.Logger) (err error) {
	if c.HTTP.Listen != "" {
		registry := newRegistry(e.instance.Progress)
		e.register(registry)
		server, err := startHTTP(ctx, c.HTTP.Listen, registry, func(context.Context) error { return e.ready(js) })
		if err != nil {
			return err
		}
		log.Info("serving metrics and health", "listen", server.Addr())
		defer func() {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			err = errors.Join(err, server.Close(closing))
		}()
	}
	select {
	case <-ctx.Done():
		log.Info("stopping: processing and committing what was read")
	case <-e.done:
	}

	return nil
}
