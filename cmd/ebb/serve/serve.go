// Package serve is what `ebb run` does between its start and its end: checks
// first, then waits for the lease, runs the pipeline and the sink, watches them,
// and stops in order.
//
// It promises that nothing is taken from an instance that runs until everything
// that can be known was checked, that /readyz says what hinders it, and that a
// stop ends in time. Read serve.go first, then running.go and engine.go; the demo
// starts the same engine.
package serve

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/cmd/ebb/health"
	"ebb/cmd/ebb/setting"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// ifRunning drops an error that the end of ctx brought about.
func ifRunning(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// serve serves metrics and health. The caller calls the function that it
// returns, nil where nothing is served.
func (r *running) serve(ctx context.Context) (func() error, error) {
	listen := r.config.HTTP.Listen
	if listen == "" {
		return nil, nil
	}
	registry := newRegistry(r.board.Report)
	registry.MustRegister(&r.metrics, newSourceCollector(r.sources.status))
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

// Run runs until ctx ends, then stops in two steps. Everything that can be
// known is checked first, and nothing is taken from an instance that runs:
//
//	serve     bind the address of /metrics and /readyz
//	connect   wait for NATS
//	check     servers, rights, streams, settings: what would not work ends here
//	stand by  wait for the lease
//	own       take the partitions over and process; from here on others stand by
func Run(ctx context.Context, c *setting.Config, log *slog.Logger) (err error) {
	r := &running{config: c, log: log, board: newBoard(log)}
	r.board.Set(health.Starting, "it has just begun", "")
	if closeServer, err := r.serve(ctx); err != nil {
		return err
	} else if closeServer != nil {
		defer func() { err = errors.Join(err, closeServer()) }()
	}
	if r.sink, err = openSink(c, log); err != nil {
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

// openSink returns where the rows go, nil for nowhere. It does not wait for
// ClickHouse: the pipeline depends on NATS alone.
func openSink(c *setting.Config, log *slog.Logger) (sinks.Sink, error) {
	if !c.ClickHouse.Enabled {
		return nil, nil
	}
	config := c.ClickHouse.Sink()
	sink, err := clickhouse.Connect(config)
	if err != nil {
		return nil, err
	}

	return &preparingSink{Sink: sink, config: config, ttl: c.TTL.Times(), prefix: c.Stream.Prefix, benchmarks: c.Benchmarks, log: log}, nil
}
