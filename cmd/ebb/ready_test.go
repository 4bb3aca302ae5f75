package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ebb/cmd/ebb/health"
)

// tellReady checks the exit codes of ebb ready without and with --standby, and how its
// text begins.
func tellReady(t *testing.T, address string, code, standby int, begins string) {
	t.Helper()
	listen := strings.TrimPrefix(address, "http://")
	got, text, problem := command(t, "ready", "--http.listen", listen)
	if got != code || !strings.HasPrefix(text, begins) {
		t.Errorf("ebb ready: exit code %d, want %d, and %q, want it to begin %q; %s", got, code, text, begins, problem)
	}
	got, text, _ = command(t, "ready", "--standby", "--json", "--http.listen", listen)
	var report health.Report
	if err := json.Unmarshal([]byte(text), &report); got != standby || err != nil || report.Ready != (code == exitOK) {
		t.Errorf("ebb ready --standby --json: exit code %d, want %d; %q, %v", got, standby, text, err)
	}
}

func TestReadyNamesWhatDoesNotAnswer(t *testing.T) {
	clearEnvironment(t)
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for listen, want := range map[string]string{
		"":            `http.listen is "", which can't be asked; give HOST:PORT`,
		"127.0.0.1:0": `http.listen is "127.0.0.1:0", which can't be asked`,
		strings.TrimPrefix(stranger.URL, "http://"): "is no instance of ebb (status 404 Not Found)",
		strings.TrimPrefix(gone.URL, "http://"):     "no instance of ebb answers at 127.0.0.1:",
	} {
		code, out, problem := command(t, "ready", "--http.listen", listen)
		if code != exitFailure || out != "" || !strings.Contains(problem, want) {
			t.Errorf("%q: exit code %d, %q, %q; want %q", listen, code, out, problem, want)
		}
	}
}

func TestReadyAsksAnInstanceThatListensEverywhere(t *testing.T) {
	for listen, want := range map[string]string{
		":9464": "127.0.0.1:9464", "0.0.0.0:9464": "127.0.0.1:9464", "[::]:9464": "[::1]:9464",
		"10.0.0.7:9464": "10.0.0.7:9464", "ebb:9464": "ebb:9464",
	} {
		if got, err := reachable(listen); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", listen, got, err, want)
		}
	}
}
