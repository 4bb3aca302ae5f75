package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"ebb/deploy/local"
)

// ebb run waits for a NATS that is not there yet, and says so; when it goes away
// it is no longer ready, and when it is back it goes on.
func TestRunWaitsForNATS(t *testing.T) {
	t.Parallel()
	server, around := departing(t)
	config := local.NATSConfig{Dir: t.TempDir()}
	if _, err := fmt.Sscanf(server.URL(), "nats://127.0.0.1:%d", &config.Port); err != nil {
		t.Fatal(err)
	}
	server.Close()

	p := around.startProcess(t, "run")
	address := "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
	expect := func(status int, part string) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d with %q", status, part), func() bool {
			code, body := fetch(t, address+"/readyz")

			return code == status && strings.Contains(body, part)
		})
	}
	expect(http.StatusServiceUnavailable, "waiting for NATS")
	begin := func() *local.NATS {
		t.Helper()
		server, err := local.StartNATS(config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)

		return server
	}
	server = begin()
	expect(http.StatusOK, "ok\n")
	keepBusy(t, server, address)
	server.Close()
	expect(http.StatusServiceUnavailable, "waiting_for_nats")
	begin()
	expect(http.StatusOK, "ok\n")
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
}

// Who waits can be told to stop.
func TestRunStopsWhileItWaitsForNATS(t *testing.T) {
	t.Parallel()
	server, around := departing(t)
	server.Close()
	p := around.startProcess(t, "run")
	p.says(t, "waiting for NATS")
	began := time.Now()
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("stopped after %s", took)
	}
}
