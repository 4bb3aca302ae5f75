package localtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ebb/deploy/local"
)

// backups is a folder that all test processes share: what takes long to make once and
// begins many tests lies there.
func backups() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("ebb-test-databases-%d", os.Getuid()))
}

// Backup stores the database until the test ends, and returns a name for Restore.
func (d Database) Backup(t testing.TB) (name string) {
	t.Helper()
	name = d.Name + "-" + strings.ToLower(rand.Text())
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Join(backups(), name)) })
	if err := embedded.server.Backup(d.Name, name); err != nil {
		t.Fatalf("back up %s: %v", d.Name, err)
	}

	return name
}

// Restore puts the backup in the place of the database.
func (d Database) Restore(t testing.TB, name string) {
	t.Helper()
	if err := d.restore(t, name); err != nil {
		t.Fatalf("restore %s: %v", d.Name, err)
	}
}

func (d Database) restore(t testing.TB, name string) error {
	t.Helper()
	admin := Database{Addr: d.Addr, Name: "default"}.Open(t)
	if err := drop(t.Context(), admin, d.Name); err != nil {
		return err
	}

	return embedded.server.Restore(d.Name, name)
}

// places are the names of databases that tests have now. A backup can be restored under
// its own name alone, so each name has one.
type places struct {
	mu    sync.Mutex
	taken map[int]bool
}

// prepared is package state because the library has one engine per process.
var prepared places //nolint:gochecknoglobals // see above

// take is the first name that is free, until it is freed.
func (p *places) take() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n = 1; p.taken[n]; {
		n++
	}
	if p.taken == nil {
		p.taken = make(map[int]bool)
	}
	p.taken[n] = true

	return n
}

func (p *places) free(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, n)
}

// stale is after how long what is kept of another version is removed.
const stale = 7 * 24 * time.Hour

// sweep removes what no version has made for long.
func sweep() {
	found, err := os.ReadDir(backups())
	if err != nil {
		return // there is nothing yet
	}
	for _, entry := range found {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > stale {
			_ = os.RemoveAll(filepath.Join(backups(), entry.Name()))
		}
	}
}

// Prepared is a database as prepare makes it of an empty one. What is made is kept under
// the key, for all tests to come; so the key has to change with what prepare makes.
func Prepared(t testing.TB, key string, prepare func(Database) error) Database {
	t.Helper()
	if _, external := local.ExternalClickHouse(); external {
		d := ClickHouse(t)
		if err := prepare(d); err != nil {
			t.Fatal(err)
		}

		return d
	}
	if d, left := pooled(t, key); left {
		return d
	}
	place := prepared.take()
	d, admin := created(t, fmt.Sprint("test_", place))
	if !embedded.keeps() {
		t.Cleanup(func() { prepared.free(place) })
		d.dropAfter(t, admin)
	}
	if err := d.make(t, key, prepare); err != nil {
		t.Fatal(err)
	}
	if embedded.keeps() {
		d.leaveAfter(t, key, place, admin)
	}

	return d
}

// make fills the database from what is kept under the key, or as prepare does, which it
// then keeps.
func (d Database) make(t testing.TB, key string, prepare func(Database) error) error {
	t.Helper()
	name := key + "-" + d.Name
	kept := filepath.Join(backups(), name)
	if _, err := os.Stat(filepath.Join(kept, ".backup")); err == nil {
		err := d.restore(t, name)
		if err == nil {
			return nil
		}
		t.Logf("the kept database %s can't be restored, and is made anew: %v", kept, err)
		_ = os.RemoveAll(kept)
		admin := Database{Addr: d.Addr, Name: "default"}.Open(t)
		if err := errors.Join(admin.Exec(t.Context(), "DROP DATABASE IF EXISTS "+d.Name+" SYNC"), admin.Exec(t.Context(), "CREATE DATABASE "+d.Name)); err != nil {
			return err
		}
	}
	if err := prepare(d); err != nil {
		return err
	}
	sweep()
	unfinished := name + "-" + strings.ToLower(rand.Text())
	if err := embedded.server.Backup(d.Name, unfinished); err != nil {
		return fmt.Errorf("keep the database: %w", err)
	}
	if err := os.Rename(filepath.Join(backups(), unfinished), kept); err != nil { // another process was faster
		_ = os.RemoveAll(filepath.Join(backups(), unfinished))
	}

	return nil
}
