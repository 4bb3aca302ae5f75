package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"ebb/deploy/local"
)

// natsCommand serves NATS, in a process of its own as in production.
type natsCommand struct {
	Dir     string `arg:"" type:"path"`
	Profile string `type:"path"` // a CPU profile of all that it serves; "" for none
}

// Run serves until standard input ends.
func (c *natsCommand) Run(std streams) error {
	log := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	server, err := local.StartNATS(local.NATSConfig{Dir: c.Dir, Logger: log})
	if err != nil {
		return err
	}
	defer server.Close()
	stopProfile, err := startProfile(c.Profile)
	if err != nil {
		return err
	}

	return errors.Join(serve(server.URL(), std), stopProfile())
}

// clickhouseCommand serves the ClickHouse engine.
type clickhouseCommand struct {
	Dir string `arg:"" type:"path"`
}

// Run serves until standard input ends.
func (c *clickhouseCommand) Run(std streams) error {
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: c.Dir})
	if err != nil {
		return err
	}

	return errors.Join(serve(server.Addr(), std), server.Close())
}

// servers are NATS and ClickHouse in processes of their own, with their data
// in a folder that goes with them.
type servers struct {
	dir        string
	nats       *server
	clickhouse *server
}

// startServers writes a CPU profile of NATS to a path, "" for none.
func startServers(ctx context.Context, say *progress, profile string) (*servers, error) {
	dir, err := os.MkdirTemp("", "ebbbench-*")
	if err != nil {
		return nil, err
	}
	s := &servers{dir: dir}
	arguments := []string{filepath.Join(dir, "nats")}
	if profile != "" {
		arguments = append(arguments, "--profile="+profile)
	}
	s.nats, err = startServer(ctx, say, "nats", arguments...)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.clickhouse, err = startServer(ctx, say, "clickhouse", filepath.Join(dir, "clickhouse"))
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}

	return s, nil
}

func (s *servers) stop() error {
	var problems []error
	for _, server := range []*server{s.clickhouse, s.nats} {
		if server != nil {
			problems = append(problems, server.stop())
		}
	}

	return errors.Join(append(problems, os.RemoveAll(s.dir))...)
}
