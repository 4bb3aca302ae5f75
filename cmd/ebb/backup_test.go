package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/jetstream"
	"ebb/sinks/clickhouse/verify"
)

// An installation that goes on taking events is backed up, and comes back on servers
// that are empty: it goes on from there, and every row is that of its events.
func TestBackupOfARunningInstallation(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	l.start(t)
	var sent atomic.Int64
	send := func() {
		n := sent.Add(1)
		customer := fmt.Sprint("c-", n%30)
		l.publish(t, customer, eventAt(fmt.Sprint("e-", n), customer, []string{"page.viewed", "order.completed"}[n%2], time.Now()))
	}
	for range 300 {
		send()
	}
	l.settle(t)
	if err := l.engine.Stop(); err != nil { // stores the state
		t.Fatal(err)
	}
	l.start(t)

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				send()
			}
		}
	}()
	time.Sleep(2 * time.Second)
	copied := l.database.Backup(t)
	time.Sleep(time.Second)
	folder := filepath.Join(t.TempDir(), "backup")
	var stored jetstream.Backup
	commandJSON(t, &stored, "backup", folder, "--json", "--nats.url", l.url, "--stream.partitions", fmt.Sprint(livePartitions))
	time.Sleep(time.Second)
	close(stop)
	<-stopped
	if err := l.engine.Stop(); err != nil {
		t.Fatal(err)
	}
	if state := stored.Streams[0]; state.Stream != "OBJ_ebb_snapshots" || state.Messages == 0 {
		t.Errorf("first was stored %+v", state)
	}
	input := stored.Streams[len(stored.Streams)-1]
	if input.Stream != "ENGAGEMENT" || input.Messages < 300 || input.Last < input.Messages {
		t.Errorf("last was stored %+v of %d events", input, sent.Load())
	}
	code, _, stderr := command(t, "backup", folder, "--nats.url", l.url)
	if code != exitFailure || !strings.Contains(stderr, "is not empty") {
		t.Errorf("a second one into the folder: exit code %d: %s", code, stderr)
	}
	code, _, stderr = command(t, "restore", folder, "--nats.url", l.url)
	if code != exitFailure || !strings.Contains(stderr, "the server has a stream") {
		t.Errorf("into servers that have streams: exit code %d: %s", code, stderr)
	}

	// Other servers.
	l.url = localtest.NATS(t)
	l.database.Restore(t, copied)
	code, _, stderr = command(t, "restore", folder, "--nats.url", l.url, "--stream.prefix", "shop")
	if code != exitFailure || !strings.Contains(stderr, "set stream.prefix to that of the backup") {
		t.Errorf("other subjects: exit code %d: %s", code, stderr)
	}
	said := commandOutput(t, "restore", folder, "--nats.url", l.url)
	if !strings.Contains(said, "Next: ebb check, then ebb run.") {
		t.Errorf("it says %q", said)
	}
	js, err := jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: l.url, Name: t.Name(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(js.Conn().Close)
	l.js = js
	l.start(t)
	for range 50 {
		send()
	}
	l.settle(t)

	r := l.verified(t)
	if r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 || r.RowsCompared == 0 {
		t.Errorf("of %d rows %d are missing, %d extra, %d different", r.RowsCompared, r.RowsMissing, r.RowsExtra, r.RowsDifferent)
	}
	l.checkCounts(t, r.Verification)
	checkVerified(t, r.Verification, verify.Comparisons(len(l.config.Lengths)))
	if events := r.Verification.Processed; events < 350 || int64(events) >= sent.Load() {
		t.Errorf("%d events are counted, of %d that were sent, some of them after the backup", events, sent.Load())
	}
}

// A folder that is none, or half of one, is refused with what is wrong with it.
func TestRestoreRefuses(t *testing.T) {
	clearEnvironment(t)
	code, _, stderr := command(t, "restore", t.TempDir(), "--dry-run")
	if code != exitFailure || !strings.Contains(stderr, "holds no whole backup: there is no ebb-backup.json in it") {
		t.Errorf("an empty folder: exit code %d: %s", code, stderr)
	}
	for _, path := range []string{"backup_test.go", filepath.Join(t.TempDir(), "none")} {
		code, _, stderr = command(t, "restore", path, "--dry-run")
		if code != exitFailure || !strings.Contains(stderr, "is no folder; name the one that ebb backup wrote") {
			t.Errorf("%s: exit code %d: %s", path, code, stderr)
		}
	}
	url := localtest.NATS(t)
	code, _, stderr = command(t, "backup", filepath.Join(t.TempDir(), "b"), "--nats.url", url)
	if code != exitFailure || !strings.Contains(stderr, "there is no stream ENGAGEMENT to back up") {
		t.Errorf("no stream: exit code %d: %s", code, stderr)
	}
}
