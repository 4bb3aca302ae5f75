package serve

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/cmd/ebb/health"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

func oneBusyPartition() []own.PartitionProgress {
	return []own.PartitionProgress{{
		Partition: 3, Taken: 80, Committed: 77, Clock: 1_500, Frozen: true, Customers: 9, Columns: []shard.Column{{Name: "stage", Bytes: 2, Since: 2_500}},
		Counts: shard.Counts{Processed: 10, Duplicates: 4, DeadLetters: 3, LateDropped: 2, Control: 6, Raised: 5, Cleared: 1, Held: 8, Released: 2, Dropped: 3},
		Levels: [4]int64{4, 3, 2, 0},
		Feed:   shard.FeedState{Channels: "email,web", Since: 1_000, Held: 3},
	}}
}

func startTestHTTP(t *testing.T, board *health.Board) *httpServer {
	t.Helper()
	registry := newRegistry(board.Report)
	registry.MustRegister(newProgressCollector(oneBusyPartition))
	server, err := startHTTP(t.Context(), "127.0.0.1:0", registry, board.Report)
	if err != nil {
		t.Fatal(err)
	}

	return server
}

func get(t *testing.T, server *httpServer, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}

	return response.StatusCode, string(body)
}

func TestMetricsShowEveryPartition(t *testing.T) {
	server := startTestHTTP(t, health.New(nil))
	defer server.Close(t.Context())

	status, body := get(t, server, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	for _, line := range []string{
		`ebb_records_total{outcome="processed",partition="3"} 10`,
		`ebb_records_total{outcome="duplicates",partition="3"} 4`,
		`ebb_records_total{outcome="dead_letters",partition="3"} 3`,
		`ebb_records_total{outcome="late_dropped",partition="3"} 2`,
		`ebb_records_total{outcome="control",partition="3"} 6`,
		`ebb_signals_total{partition="3",signal="raised"} 5`,
		`ebb_signals_total{partition="3",signal="cleared"} 1`,
		`ebb_taken_sequence{partition="3"} 80`,
		`ebb_committed_sequence{partition="3"} 77`,
		`ebb_clock_seconds{partition="3"} 1.5`,
		`ebb_frozen{partition="3"} 1`,
		`ebb_customers{level="healthy",partition="3"} 4`,
		`ebb_customers{level="at_risk",partition="3"} 2`,
		`ebb_customers{level="lapsed",partition="3"} 0`,
		`ebb_column_since_seconds{column="stage",partition="3"} 2.5`,
		`ebb_feed_silent{channel="all",partition="3"} 0`,
		`ebb_feed_silent{channel="email",partition="3"} 1`,
		`ebb_feed_silent{channel="web",partition="3"} 1`,
		`ebb_held_signals_total{outcome="held",partition="3"} 8`,
		`ebb_held_signals_total{outcome="released",partition="3"} 2`,
		`ebb_held_signals_total{outcome="dropped",partition="3"} 3`,
		`ebb_held_customers{partition="3"} 3`,
		"ebb_build_info{version=",
		"go_goroutines ",
	} {
		if !strings.Contains(body, "\n"+line) {
			t.Errorf("/metrics lacks %s", line)
		}
	}
}

func TestHealthAndReadiness(t *testing.T) {
	board := health.New(nil)
	server := startTestHTTP(t, board)
	defer server.Close(t.Context())

	expect := func(path string, status int, parts ...string) {
		t.Helper()
		got, body := get(t, server, path)
		if got != status {
			t.Errorf("%s = %d %q, want %d", path, got, body, status)
		}
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("%s says %q, which lacks %q", path, body, part)
			}
		}
	}
	expect("/readyz", http.StatusOK, "ok\n")
	expect("/metrics", http.StatusOK, "\nebb_ready 1\n", "\n"+`ebb_degraded{condition="clickhouse_away"} 0`)

	board.Set(health.SinkAway, "ClickHouse takes no rows", "start it")
	expect("/readyz", http.StatusOK, "degraded\n", "ClickHouse takes no rows", "start it")
	expect("/readyz?format=json", http.StatusOK, `"ready":true`, `"status":"degraded"`, `"name":"clickhouse_away"`, `"remedy":"start it"`)
	expect("/metrics", http.StatusOK, "\nebb_ready 1\n", "\n"+`ebb_degraded{condition="clickhouse_away"} 1`)

	board.Set(health.StandingBy, "standing by for host-b (pid 7)", "")
	expect("/healthz", http.StatusOK, "ok\n")
	expect("/readyz", http.StatusServiceUnavailable, "not ready\n", "standing by for host-b (pid 7)")
	expect("/readyz?format=json", http.StatusServiceUnavailable, `"ready":false`, `"name":"standing_by"`)
	expect("/metrics", http.StatusOK, "\nebb_ready 0\n", "\n"+`ebb_degraded{condition="standing_by"} 1`)
	expect("/debug/pprof/", http.StatusNotFound)
}

func TestHTTPServerStops(t *testing.T) {
	server := startTestHTTP(t, health.New(nil))
	address := server.Addr()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := server.Close(ctx); err != nil {
		t.Fatal(err)
	}

	// The address is free again.
	again, err := startHTTP(t.Context(), address, prometheus.NewRegistry(), health.New(nil).Report)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestHTTPServerNamesATakenAddress(t *testing.T) {
	server := startTestHTTP(t, health.New(nil))
	defer server.Close(t.Context())

	_, err := startHTTP(t.Context(), server.Addr(), prometheus.NewRegistry(), health.New(nil).Report)
	if err == nil || !strings.Contains(err.Error(), "http.listen is") || !strings.Contains(err.Error(), server.Addr()) {
		t.Errorf("error = %v, want one that names http.listen and the address", err)
	}
}
