package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ebb/cmd/ebb/health"
	"ebb/cmd/ebb/serve"
	"ebb/deploy/local"
	"ebb/pipeline/jetstream"
	"ebb/sinks/clickhouse"
)

// external is whether servers that the environment names are used.
func (d *Demo) external() bool {
	_, nats := local.ExternalNATS()
	_, clickhouse := local.ExternalClickHouse()

	return nats || clickhouse
}

// shared is whether the stream may hold events of others: of a former run, of
// its live customers, or of anyone who knows the address.
func (d *Demo) shared() bool {
	_, nats := local.ExternalNATS()

	return nats || d.command.Dir != "" || d.command.NATSPort != 0
}

// startServers starts the embedded servers, or takes those that the
// environment names. stop stops what was started.
func (d *Demo) startServers(ctx context.Context) (stop func() error, err error) {
	var stops []func() error
	stop = func() error {
		var errs []error
		for i := len(stops) - 1; i >= 0; i-- {
			errs = append(errs, stops[i]())
		}

		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stop())
		}
	}()

	if url, ok := local.ExternalNATS(); ok {
		d.natsURL = url
	} else {
		nats, err := local.StartNATS(local.NATSConfig{
			Dir: filepath.Join(d.dir, "nats"), Port: d.command.NATSPort, Logger: d.log.With("server", "nats"),
		})
		if err != nil {
			return stop, err
		}
		stops = append(stops, func() error { nats.Close(); return nil })
		d.natsURL = nats.URL()
	}
	addr, ok := local.ExternalClickHouse()
	if !ok {
		server, err := local.StartClickHouse(local.ClickHouseConfig{
			Dir: filepath.Join(d.dir, "clickhouse"), Port: d.command.ClickHousePort, Logger: d.log.With("server", "clickhouse"),
		})
		if err != nil {
			return stop, err
		}
		stops = append(stops, server.Close)
		addr = server.Addr()
	}
	d.clickhouse = clickhouse.Config{Address: "http://" + addr, Database: demoDatabase, Password: os.Getenv("EBB_CLICKHOUSE_PASSWORD")}
	d.Js, err = jetstream.Connect(ctx, jetstream.ConnectConfig{URL: d.natsURL, Name: "ebb demo", Logger: d.log})
	if err == nil {
		stops = append(stops, func() error { d.Js.Conn().Close(); return nil })
	}

	return stop, err
}

// takeLease makes the demo the one that runs the streams. On a server of its own
// nobody else can; on another's it must not take them from an ebb that runs.
func (d *Demo) takeLease(ctx context.Context) (*serve.KeptLease, error) {
	board := health.New(nil)
	lease := serve.NewLease(d.Js, d.Layout, board)
	if _, external := local.ExternalNATS(); !external {
		if err := lease.Seize(ctx); err != nil {
			return nil, err
		}

		return serve.KeepLease(ctx, lease, board), nil
	}
	waiting, cancel := context.WithTimeout(ctx, 2*jetstream.DefaultLeaseTTL)
	defer cancel()
	if err := lease.Acquire(waiting); err != nil {
		for _, c := range board.Report().Conditions {
			if c.Name == health.StandingBy && ctx.Err() == nil {
				return nil, fmt.Errorf("another ebb runs on NATS at %s (%s); stop it, or unset EBB_NATS_URL, so that the demo has servers of its own",
					d.natsURL, c.Text)
			}
		}

		return nil, err
	}

	return serve.KeepLease(ctx, lease, board), nil
}
