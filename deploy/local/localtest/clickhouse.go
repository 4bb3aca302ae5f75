package localtest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local"
)

// Database is a ClickHouse database of one test.
type Database struct {
	Addr string // host:port of the HTTP interface
	Name string
}

// ClickHouse creates a database for the test and drops it at the test's end.
//
// Tests that run at the same time share one engine, because the library holds
// one data folder per process. It starts in a temporary folder with the first of
// them and stops with the last. With EBB_CLICKHOUSE_ADDR set the database is
// created there instead.
func ClickHouse(t testing.TB) Database {
	t.Helper()
	d, admin := created(t, "test_"+strings.ToLower(rand.Text()))
	d.dropAfter(t, admin)
	return d
}

// created is an empty database of that name.
func created(t testing.TB, name string) (d Database, admin driver.Conn) {
	t.Helper()
	addr, ok := local.ExternalClickHouse()
	if !ok {
		addr = embedded.acquire(t)
	}

	d = Database{Addr: addr, Name: name}
	admin = Database{Addr: addr, Name: "default"}.Open(t)
	if err := admin.Exec(t.Context(), "CREATE DATABASE "+d.Name); err != nil {
		t.Fatalf("create database %s on %s: %v", d.Name, addr, err)
	}
	return d, admin
}

// dropAfter drops the database at the test's end.
func (d Database) dropAfter(t testing.TB, admin driver.Conn) {
	t.Cleanup(func() {
		if err := drop(cleanupContext(t), admin, d.Name); err != nil {
			t.Errorf("drop database %s on %s: %v", d.Name, d.Addr, err)
		}
	})
}

// newTable is ClickHouse's code for a table that was made while its database was
// dropped, as by a program that was killed and whose last statement still ran.
const newTable = 219

func drop(ctx context.Context, admin driver.Conn, database string) error {
	for {
		err := admin.Exec(ctx, "DROP DATABASE "+database+" SYNC")
		var e *clickhouse.Exception
		if !errors.As(err, &e) || e.Code != newTable || ctx.Err() != nil {
			return err
		}
	}
}

// Options are the driver's options for the database.
func (d Database) Options() *clickhouse.Options {
	return &clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{d.Addr},
		Auth:     clickhouse.Auth{Database: d.Name},
	}
}

// Open connects to the database; the connection closes at the test's end.
func (d Database) Open(t testing.TB) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(d.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Errorf("close the connection to %s: %v", d.Addr, err)
		}
	})
	return conn
}

// embedded is the engine of this test process. It is package state because the
// library has one engine per process.
var embedded engine //nolint:gochecknoglobals // one engine per process

// engine is a server shared by the tests that use it now.
type engine struct {
	mu     sync.Mutex
	users  int
	server *local.ClickHouse
	dir    string

	stays bool              // while nobody uses it, too
	free  map[string][]made // databases that no test has now, by their key
}

// acquire starts the server if it does not run, and returns its address. The
// last test to end stops it.
func (e *engine) acquire(t testing.TB) string {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server == nil {
		if err := e.start(); err != nil {
			t.Fatal(err)
		}
	}
	e.users++
	t.Cleanup(func() {
		if err := e.release(); err != nil {
			t.Errorf("stop the embedded ClickHouse: %v", err)
		}
	})
	return e.server.Addr()
}

func (e *engine) start() error {
	dir, err := os.MkdirTemp("", "ebb-clickhouse-")
	if err != nil {
		return err
	}
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: dir, Backups: backups()})
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	e.server, e.dir = server, dir
	return nil
}

func (e *engine) release() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.users--; e.users > 0 || e.stays {
		return nil
	}
	return e.stop()
}

func (e *engine) stop() error {
	err := e.server.Close()
	e.server, e.free = nil, nil
	return errors.Join(err, os.RemoveAll(e.dir))
}
