package main

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
)

// departing is a NATS server of a test's own, whose going away is the test, and
// surroundings in which ebb finds it.
func departing(t *testing.T) (*local.NATS, surroundings) {
	t.Helper()
	server, err := local.StartNATS(local.NATSConfig{Dir: t.TempDir(), Port: localtest.Port(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)

	return server, withoutClickHouse(server.URL())
}

// withoutClickHouse are the surroundings of an ebb that writes to no database.
func withoutClickHouse(url string) surroundings {
	return surroundings{
		"nats.url": url, "clickhouse.enabled": "false", "stream.partitions": strconv.Itoa(livePartitions), "http.listen": "127.0.0.1:0",
	}
}

// keepBusy gives every partition a record: from then on each has ticks, and so
// always cuts whose manifest is not yet saved.
func keepBusy(t *testing.T, server *local.NATS, address string) {
	t.Helper()
	conn, err := nats.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const events = 40
	for i := range events {
		customer := "customer-" + strconv.Itoa(i)
		body := eventAt(strconv.Itoa(i), customer, "page.viewed", time.Now())
		if err := conn.Publish("engagement.events."+event.Token(customer), body); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the events", func() bool { return processed(t, address) == events })
	time.Sleep(300 * time.Millisecond)
}

// A stop has a deadline, whatever is away.
func TestRunStopsWhileNATSIsAway(t *testing.T) {
	t.Parallel()
	server, around := departing(t)
	running, address := around.startRun(t, "--stop.timeout", "2s", "--cut.interval", "20ms")
	keepBusy(t, server, address)
	server.Close()
	running.says(t, "NATS connection lost")
	began := time.Now()
	if code := running.stop(t, syscall.SIGTERM); code != exitFailure || !strings.Contains(running.output.String(), "stop.timeout") {
		t.Errorf("exit code %d, want %d and the setting's name:\n%s", code, exitFailure, running.output)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("stopped after %s, want about 2 s:\n%s", took, running.output)
	}
}

// Who doesn't want to wait for the deadline sends a second signal.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	server, around := departing(t)
	running, address := around.startRun(t, "--stop.timeout", "1h", "--cut.interval", "20ms")
	keepBusy(t, server, address)
	server.Close()
	running.says(t, "NATS connection lost")
	if err := running.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	running.says(t, `msg="stopping`)
	time.Sleep(200 * time.Millisecond)
	began := time.Now()
	if code := running.stop(t, syscall.SIGTERM); code != -1 && code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("ended %s after the second signal", took)
	}
}

// Other commands that wait for NATS end with the first signal, too.
func TestReplayStopsWhileNATSIsAway(t *testing.T) {
	t.Parallel()
	server, around := departing(t)
	importing := around.startProcess(t, "replay", shopFile(t, 300), "--mapping", shopMapping)
	time.Sleep(2 * time.Second) // nobody answers: it waits behind a row
	server.Close()
	importing.says(t, "NATS connection lost")
	began := time.Now()
	if code := importing.stop(t, syscall.SIGTERM); code != exitFailure || !strings.Contains(importing.output.String(), "--resume") {
		t.Errorf("exit code %d:\n%s", code, importing.output)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("stopped after %s", took)
	}
}
