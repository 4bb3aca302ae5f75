package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"ebb/sinks/clickhouse"
)

// prepared is package state because all tests copy the one folder.
var prepared preparedFolder

// preparedFolder is what a demo leaves in --dir before its first event: a database with
// its tables. To make these takes seconds of a processor, so they are made once.
type preparedFolder struct {
	mu  sync.Mutex
	dir string // "" until somebody asks
}

// folder is a copy for a demo of the test.
func (p *preparedFolder) folder(t *testing.T) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dir == "" {
		p.make(t)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "clickhouse"), os.DirFS(filepath.Join(p.dir, "clickhouse"))); err != nil {
		t.Fatal(err)
	}

	return dir
}

// make has `ebb local` serve the folder, whose database is that of `ebb demo` with rows
// that stay for ever.
func (p *preparedFolder) make(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "ebb-prepared-") //nolint:usetesting // it outlives the test
	if err != nil {
		t.Fatal(err)
	}
	server := startProcess(t, "local", "--json", "--dir", dir, "--nats-port", "0", "--clickhouse-port", "0")
	var addresses localAddresses
	err = json.Unmarshal([]byte(server.says(t, `(?m)^(\{.*\})$`)), &addresses)
	if err == nil {
		err = clickhouse.Prepare(t.Context(), clickhouse.Config{Address: "http://" + addresses.ClickHouseAddr, Database: "ebb"}, clickhouse.TTL{})
	}
	if code := server.stop(t, syscall.SIGTERM); err != nil || code != exitOK {
		t.Fatalf("%v; exit code %d\n%s", errors.Join(err, os.RemoveAll(dir)), code, server.output)
	}
	p.dir = dir
}

// remove removes what was made.
func (p *preparedFolder) remove() {
	if p.dir != "" {
		_ = os.RemoveAll(p.dir) // it is in the folder for temporary files
	}
}
