package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
)

// readyz waits until /readyz answers with a status and all parts in its body.
func readyz(t *testing.T, address string, status int, parts ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d and %q of /readyz", status, parts), func() bool {
		code, body := fetch(t, address+"/readyz")
		lacks := func(part string) bool { return !strings.Contains(body, part) }

		return code == status && !slices.ContainsFunc(parts, lacks)
	})
}

// Without ClickHouse detection goes on, so the instance is ready, and says that
// rows wait.
func TestReadyzSaysThatClickHouseIsAway(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(localtest.Port(t)))
	l.surroundings["clickhouse.addr"] = address
	p, at := l.startRun(t)
	l.send(t, "first", 60)
	eventually(t, "60 processed events", func() bool { return processed(t, at) == 60 })
	readyz(t, at, http.StatusOK, "degraded", "clickhouse_away", "rows wait in NATS")
	if _, metrics := fetch(t, at+"/metrics"); !strings.Contains(metrics, "\n"+`ebb_degraded{condition="clickhouse_away"} 1`) || !strings.Contains(metrics, "\nebb_ready 1\n") {
		t.Error("the metrics don't say so")
	}

	back, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &http.Server{
		Handler:           httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: l.database.Addr}),
		ReadHeaderTimeout: time.Minute,
	}
	go proxy.Serve(back) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { proxy.Close() })
	readyz(t, at, http.StatusOK, "ok\n")
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
}

// A NATS that can store no more takes no event, no tick and no output: nothing
// goes on.
func TestReadyzSaysThatNATSIsFull(t *testing.T) {
	t.Parallel()
	small, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), JetStreamMaxStore: 4 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	small.Start()
	t.Cleanup(func() { small.Shutdown(); small.WaitForShutdown() })
	if !small.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server is not ready")
	}
	p, at := withoutClickHouse(small.ClientURL()).startRun(t, "--stop.timeout", "2s")
	conn, err := nats.Connect(small.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	note := strings.Repeat("x", 40_000)
	for i := range 200 {
		customer := "customer-" + strconv.Itoa(i%23)
		body := `{"id":"` + strconv.Itoa(i) + `","time":"` + time.Now().UTC().Format(time.RFC3339) + `","customer":"` + customer +
			`","type":"page.viewed","properties":{"note":"` + note + `"}}`
		if err := conn.Publish("engagement.events."+event.Token(customer), []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	readyz(t, at, http.StatusServiceUnavailable, "not ready", "storage_full", "give JetStream more disk")
	p.stop(t, syscall.SIGTERM)
}
