package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/cmd/ebb/health"
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
		"publishes rollups and signals, and writes them to ClickHouse. " +
		"Where another instance runs already, it stands by and takes over when that one stops or dies. " +
		"/readyz says how it stands, also with ?format=json.\n\n" +
		examples(
			"ebb run",
			"ebb run --config ebb.yaml",
			"ebb run --nats.url nats://nats:4222 --clickhouse.addr clickhouse:8123",
			"EBB_NATS_URL=nats://nats:4222 ebb run --no-clickhouse.enabled",
		)
}

// Run runs until ctx ends, then stops in two steps. Everything that can be
// known is checked first, and nothing is taken from an instance that runs:
//
//	serve     bind the address of /metrics and /readyz
//	connect   wait for NATS
//	check     servers, rights, streams, settings: what would not work ends here
//	stand by  wait for the lease
//	own       take the partitions over and process; from here on others stand by
func (c *runCommand) Run(ctx context.Context, to streams, limit *stopLimit) (err error) {
	limit.allow(time.Duration(c.Stop.Timeout))
	log := c.Log.logger(to.given.writer(to.err))
	r := &running{command: c, log: log, board: newBoard(log)}
	r.board.Set(health.Starting, "it has just begun", "")
	if closeServer, err := r.serve(ctx); err != nil {
		return err
	} else if closeServer != nil {
		defer func() { err = errors.Join(err, closeServer()) }()
	}
	if r.sink, err = c.openSink(log); err != nil {
		return err
	}
	if r.sink != nil {
		defer func() { err = errors.Join(err, r.sink.Close()) }()
	}
	if err := r.connect(ctx); err != nil {
		return ifRunning(ctx, err)
	}
	defer r.js.Conn().Close()
	if err := r.check(ctx); err != nil {
		return ifRunning(ctx, err)
	}

	return r.work(ctx)
}

// ifRunning drops an error that the end of ctx brought about.
func ifRunning(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
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

	return &preparingSink{Sink: sink, config: config, ttl: c.TTL.times(), prefix: c.Stream.Prefix, log: log}, nil
}

// serve serves metrics and health. The caller calls the function that it
// returns, nil where nothing is served.
func (r *running) serve(ctx context.Context) (func() error, error) {
	listen := r.command.HTTP.Listen
	if listen == "" {
		return nil, nil
	}
	registry := newRegistry(r.board.Report)
	registry.MustRegister(&r.metrics)
	server, err := startHTTP(ctx, listen, prometheus.Gatherer(registry), r.board.Report)
	if err != nil {
		return nil, err
	}
	r.log.Info("serving metrics and health", "listen", server.Addr())

	return func() error {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()

		return server.Close(closing)
	}, nil
}
