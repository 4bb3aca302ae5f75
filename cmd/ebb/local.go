package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/deploy/local"
)

// localCommand is `ebb local`: NATS and ClickHouse in this process.
type localCommand struct {
	Dir            string            `name:"dir" type:"path" default:".ebb/local" placeholder:"DIR" help:"Folder for the data of both servers; the same folder brings the data back."`
	NATSPort       int               `name:"nats-port" default:"4222" placeholder:"PORT" help:"Port of NATS on 127.0.0.1; 0 takes a free one."`
	ClickHousePort int               `name:"clickhouse-port" default:"8123" placeholder:"PORT" help:"Port of ClickHouse (HTTP) on 127.0.0.1; 0 takes a free one."`
	ClickHouse     bool              `name:"clickhouse" default:"true" negatable:"" help:"Run ClickHouse too."`
	SyncAlways     bool              `name:"sync-always" help:"NATS flushes every message to disk, as a production server should."`
	JSON           bool              `name:"json" help:"Print the addresses as JSON."`
	Log            setting.LogConfig `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb local --help.
func (localCommand) Help() string {
	return "Runs until interrupted. Both servers listen on 127.0.0.1 without passwords; they are for " +
		"development and tests, not for production.\n\n" +
		term.Examples(
			"ebb local",
			"ebb local --no-clickhouse",
			"ebb local --dir /tmp/ebb --nats-port 0 --clickhouse-port 0 --json",
		)
}

// Validate refuses ports that do not exist.
func (c *localCommand) Validate() error {
	return errors.Join(
		setting.RefuseOutside("--nats-port", c.NATSPort, 0, 65535),
		setting.RefuseOutside("--clickhouse-port", c.ClickHousePort, 0, 65535),
	)
}

// localAddresses is what `ebb local` prints.
type localAddresses struct {
	NATSURL        string `json:"nats_url"`
	ClickHouseAddr string `json:"clickhouse_addr,omitempty"`
}

// Run serves until ctx ends.
func (c *localCommand) Run(ctx context.Context, to call.Streams) (err error) {
	log := c.Log.Logger(to.Err)
	addresses, stop, err := c.start(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	if c.JSON {
		err = json.NewEncoder(to.Out).Encode(addresses)
	} else {
		err = addresses.print(to)
	}
	if err != nil {
		return err
	}
	<-ctx.Done()

	return nil
}

// start starts the servers. stop stops them, ClickHouse first.
func (c *localCommand) start(log *slog.Logger) (addresses localAddresses, stop func() error, err error) {
	nats, err := local.StartNATS(local.NATSConfig{
		Dir:        filepath.Join(c.Dir, "nats"),
		Port:       c.NATSPort,
		SyncAlways: c.SyncAlways,
		Logger:     log.With("server", "nats"),
	})
	if err != nil {
		return localAddresses{}, nil, err
	}
	addresses.NATSURL = nats.URL()
	if !c.ClickHouse {
		return addresses, func() error { nats.Close(); return nil }, nil
	}

	clickhouse, err := local.StartClickHouse(local.ClickHouseConfig{
		Dir:    filepath.Join(c.Dir, "clickhouse"),
		Port:   c.ClickHousePort,
		Logger: log.With("server", "clickhouse"),
	})
	if err != nil {
		nats.Close()

		return localAddresses{}, nil, err
	}
	addresses.ClickHouseAddr = clickhouse.Addr()

	return addresses, func() error {
		defer nats.Close()

		return clickhouse.Close()
	}, nil
}

// print writes the addresses as the variables that ebb's other commands read.
func (a localAddresses) print(to call.Streams) error {
	text := "EBB_NATS_URL=" + a.NATSURL + "\n"
	if a.ClickHouseAddr != "" {
		text += "EBB_CLICKHOUSE_ADDR=" + a.ClickHouseAddr + "\n"
	}
	if _, err := fmt.Fprint(to.Out, text); err != nil {
		return err
	}
	_, err := fmt.Fprintln(to.Err, "Running; Ctrl-C stops both servers.")

	return err
}
