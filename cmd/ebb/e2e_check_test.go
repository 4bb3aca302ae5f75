package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
)

// An instance that can't run says so and harms nobody: its port is taken, or its
// settings are others.
func TestInstanceThatCantRunHarmsNobody(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, address := l.startRun(t, "--churn.horizon", "21d")
	l.send(t, "first", 50)
	eventually(t, "50 processed events", func() bool { return processed(t, address) == 50 })

	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"--churn.horizon", "21d", "--http.listen", busy.Addr().String()}, "http.listen"},
		{[]string{"--churn.horizon", "21d", "--stream.partitions", "8"}, "partitions"},
		{[]string{"--churn.horizon", "21d", "--churn.holdout", "0.1"}, "churn.holdout is 0.1"},
	} {
		p := l.startProcess(t, append([]string{"run"}, test.args...)...)
		if code := p.wait(t); code != exitFailure || !strings.Contains(p.output.String(), test.says) {
			t.Errorf("%q: exit code %d, want %d and %q:\n%s", test.args, code, exitFailure, test.says, p.output)
		}
	}
	l.send(t, "after", 50)
	eventually(t, "100 processed events", func() bool { return processed(t, address) == 100 })
	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("the first: exit code %d\n%s", code, first.output)
	}
}

// checks is what ebb check --json prints.
type checks struct {
	Status preflight.Status    `json:"status"`
	Checks []preflight.Finding `json:"checks"`
}

func runCheck(t *testing.T, args ...string) (code int, got checks) {
	t.Helper()
	code, stdout, stderr := command(t, append([]string{"check", "--json"}, args...)...)

	return code, readChecks(t, stdout, stderr)
}

func readChecks(t *testing.T, stdout, stderr string) (got checks) {
	t.Helper()
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}

	return got
}

// ebb check says how things are, and its exit code tells a failure from a
// warning.
func TestCheckTellsFailuresFromWarnings(t *testing.T) {
	clearEnvironment(t)
	url, database := localtest.NATS(t), localtest.ClickHouse(t)
	good := []string{"--nats.url", url, "--clickhouse.addr", database.Addr, "--clickhouse.database", database.Name}
	if code, got := runCheck(t, good...); code != exitOK || got.Status == preflight.Failed || len(got.Checks) < 10 {
		t.Errorf("exit code %d, %+v", code, got)
	}
	if code, got := runCheck(t, append(good, "--clickhouse.addr", "127.0.0.1:1")...); code != exitOK || got.Status != preflight.Warning {
		t.Errorf("without ClickHouse: exit code %d, %+v", code, got)
	}
	code, stdout, stderr := command(t, append([]string{"check"}, append(good, "--stream.replicas", "3")...)...)
	if code != exitFailure || !strings.Contains(stdout, "FAILED   replicas: ") || !strings.Contains(stdout, "→ set stream.replicas to 1") || !strings.Contains(stderr, "see above") {
		t.Errorf("three replicas: exit code %d\n%s%s", code, stdout, stderr)
	}
	for line := range strings.SplitSeq(stdout, "\n") {
		if len([]rune(line)) > 80 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("longer than 80 columns: %q", line)
		}
	}
	if code, got := runCheck(t, append(good, "--snapshot.interval", "1d", "--stream.max_age", "7d")...); code != exitFailure || got.Status != preflight.Failed {
		t.Errorf("rare snapshots: exit code %d, %+v", code, got)
	}
	if code, got := runCheck(t, "--nats.url", "nats://127.0.0.1:1", "--no-clickhouse.enabled"); code != exitFailure || got.Status != preflight.Failed {
		t.Errorf("without NATS: exit code %d, %+v", code, got)
	}
}

// A user with just the permissions that ebb check prints can do everything: run,
// write to ClickHouse, go on, import, look. One that lacks one of them is told
// before anything is begun.
func TestPrintedPermissionsSuffice(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	var needed jetstream.Permissions
	l.commandJSON(t, &needed, "check", "--permissions", "--json")
	user := func(name string, publish []string) *server.User {
		return &server.User{Username: name, Password: name, Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: publish},
			Subscribe: &server.SubjectPermission{Allow: needed.Subscribe},
		}}
	}
	options := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		Users: []*server.User{
			user("ebb", needed.Publish), user("lacking", needed.Publish[1:]),
			{Username: "producer", Password: "producer"},
		},
	}
	restricted, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	restricted.Start()
	t.Cleanup(func() { restricted.Shutdown(); restricted.WaitForShutdown() })
	if !restricted.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server is not ready")
	}
	use := func(name string) {
		path := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		l.surroundings["nats.url"], l.surroundings["nats.user"], l.surroundings["nats.password_file"] = restricted.ClientURL(), name, path
	}

	use("lacking")
	code, stdout, stderr := l.command(t, "check", "--json")
	if got := readChecks(t, stdout, stderr); code != exitFailure || !strings.Contains(got.Checks[2].Text, needed.Publish[0]) {
		t.Errorf("one permission too few: exit code %d, %+v", code, got)
	}
	p := l.startProcess(t, "run")
	if code := p.wait(t); code != exitFailure || !strings.Contains(p.output.String(), needed.Publish[0]) {
		t.Errorf("ebb run with one permission too few: exit code %d\n%s", code, p.output)
	}

	use("ebb")
	var imported jetstream.ImportStatus
	running, address := l.startRun(t, "--lateness", "2h", "--snapshot.interval", "1s")
	l.commandJSON(t, &imported, "replay", shopFile(t, 300), "--shift", "now", "--mapping", shopMapping, "--lateness", "2h", "--json")
	conn, err := nats.Connect(restricted.ClientURL(), nats.UserInfo("producer", "producer"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send := func(from int) {
		t.Helper()
		for i := from; i < from+100; i++ {
			customer := "customer-" + strconv.Itoa(i%9)
			if err := conn.Publish("engagement.events."+event.Token(customer), eventAt(strconv.Itoa(i), customer, "page.viewed", time.Now())); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond) // over several cuts and snapshots
		}
	}
	before := processed(t, address)
	send(0)
	eventually(t, "100 live events", func() bool { return processed(t, address) >= before+100 })
	if code := running.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, running.output)
	}
	running, address = l.startRun(t, "--lateness", "2h", "--snapshot.interval", "1s")
	send(100)
	eventually(t, "100 more", func() bool { return processed(t, address) >= 100 })
	eventually(t, "rows in ClickHouse", func() bool {
		var rows uint64

		return l.conn.QueryRow(t.Context(), "SELECT count() FROM valid_rollups_total").Scan(&rows) == nil && rows > 0
	})
	for _, args := range [][]string{{"status"}, {"customer", "customer-1", "--lateness", "2h"}, {"deadletters", "list"}} {
		if code, stdout, stderr := l.command(t, args...); code != exitOK {
			t.Errorf("ebb %q: exit code %d\n%s%s", args, code, stdout, stderr)
		}
	}
	if code := running.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, running.output)
	}
	if text := running.output.String(); strings.Contains(strings.ToLower(text), "permissions violation") {
		t.Errorf("a permission is missing:\n%s", text)
	}
}
