package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ebb/cmd/ebb/status"
	"ebb/pipeline/jetstream"
)

// commandJSON runs a command that has to succeed, and reads what it printed.
func commandJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	code, stdout, stderr := command(t, args...)
	readJSON(t, into, args, code, stdout, stderr)
}

// readJSON reads what a command printed that had to succeed.
func readJSON(t *testing.T, into any, args []string, code int, stdout, stderr string) {
	t.Helper()
	if code != exitOK {
		t.Fatalf("ebb %q: exit code %d\n%s", args, code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), into); err != nil {
		t.Fatalf("ebb %q: %v\n%s", args, err, stdout)
	}
}

// History of months ago is replayed into a running ebb, which has ticked before:
// it counts as it would have then.
func TestReplayIntoARunningEbb(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	const rows = 600
	file := shopFile(t, rows)
	options := []string{"--mapping", shopMapping, "--lateness", "2h"}
	replay := append([]string{"replay", file, "--json"}, options...)

	var dry struct {
		Rows uint64 `json:"rows"`
		Late uint64 `json:"late"`
	}
	l.commandJSON(t, &dry, append(replay, "--dry-run")...)
	if dry.Rows != rows || dry.Late == 0 {
		t.Errorf("dry run: %+v, want %d rows, some late", dry, rows)
	}

	running, address := l.startRun(t, "--lateness", "2h", "--cut.interval", "100ms")
	time.Sleep(time.Second) // ten cut intervals without a record
	var imported jetstream.ImportStatus
	l.commandJSON(t, &imported, replay...)
	if imported.State != jetstream.ImportFrozen || imported.Rows != rows {
		t.Errorf("import %+v, want %d rows, frozen", imported, rows)
	}
	code, _, stderr := l.command(t, replay...)
	if code != exitFailure || !strings.Contains(stderr, "already") {
		t.Errorf("a second time: exit code %d, %q", code, stderr)
	}
	l.commandJSON(t, &imported, append(replay, "--resume")...)
	if imported.State != jetstream.ImportFrozen || imported.Rows != rows {
		t.Errorf("resumed: %+v, want %d rows, frozen", imported, rows)
	}

	l.publish(t, "ann", []byte(`{"id":"1","customer":"ann"}`))
	l.commandJSON(t, &imported, "replay", "--live", "--json")
	if imported.State != jetstream.ImportEnded {
		t.Errorf("live: %+v", imported)
	}
	eventually(t, "a dead letter", func() bool {
		code, stdout, _ := l.command(t, "deadletters", "list", "--json")

		return code == exitOK && strings.Contains(stdout, `"import_open"`)
	})
	imports := processed(t, address)
	if want := rows - dry.Late; imports > want || imports < want*9/10 { // some are there twice
		t.Errorf("%d rows processed, want most of the %d that are in time", imports, want)
	}
	l.send(t, "live", 40)
	eventually(t, "the live events", func() bool { return processed(t, address) == imports+40 })
	var s status.Status
	l.commandJSON(t, &s, "status", "--json")
	if s.Import == nil || s.Import.State != jetstream.ImportEnded || len(s.Partitions) != livePartitions || !s.Partitions[0].Started {
		t.Errorf("status %+v", s)
	}
	if code := running.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, running.output)
	}
}

// A replay that was killed says that it goes on with --resume, and does.
func TestReplayGoesOn(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	const rows = 900
	args := []string{"replay", shopFile(t, rows), "--json", "--mapping", shopMapping, "--lateness", "2h"}
	// Nobody answers it, because no ebb runs: it waits behind the last row.
	killed := l.startProcess(t, args...)
	eventually(t, "the rows in the stream", func() bool {
		status, err := jetstream.LastImport(t.Context(), l.js, l.layout)

		return err == nil && status.Rows == rows
	})
	if code := killed.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d:\n%s", code, killed.output)
	}

	_, address := l.startRun(t, "--lateness", "2h")
	code, _, stderr := l.command(t, args...)
	if code != exitFailure || !strings.Contains(stderr, "--resume") {
		t.Errorf("without --resume: exit code %d, %q", code, stderr)
	}
	var imported jetstream.ImportStatus
	l.commandJSON(t, &imported, append(args, "--resume", "--live")...)
	if imported.State != jetstream.ImportEnded || imported.Rows != rows {
		t.Errorf("resumed: %+v, want %d rows, ended", imported, rows)
	}
	eventually(t, "all rows, once each", func() bool {
		return outcomes(t, address, "processed", "duplicates", "late_dropped", "dead_letters") == rows
	})
	if late := outcomes(t, address, "late_dropped"); late == 0 || late > rows/10 {
		t.Errorf("%d rows late, want a few", late)
	}
}

// ebb local is stopped by Ctrl-C, and that is a success.
func TestLocalStopsOnInterrupt(t *testing.T) {
	t.Parallel()
	p := startProcess(t, "local", "--json", "--dir", t.TempDir(), "--nats-port", "0", "--clickhouse-port", "0", "--log.level", "error")
	var addresses localAddresses
	if err := json.Unmarshal([]byte(p.says(t, `(?m)^(\{.*\})$`)), &addresses); err != nil || addresses.ClickHouseAddr == "" {
		t.Fatalf("%+v: %v", addresses, err)
	}
	conn, err := nats.Connect(addresses.NATSURL)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if code, body := fetch(t, "http://"+addresses.ClickHouseAddr+"/ping"); code != 200 {
		t.Errorf("ClickHouse: %d %q", code, body)
	}
	if code := p.stop(t, syscall.SIGINT); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, p.output)
	}
}
