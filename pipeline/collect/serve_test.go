package collect_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"ebb/pipeline/collect"
)

func TestKeysThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "no write key",
		"# nothing\n\n":                         "no write key",
		key + "\nshort\n":                       "line 2: a write key has 5 bytes",
		key + "\n" + strings.Repeat("x", 1<<17): "token too long",
	} {
		if _, err := collect.ParseKeys([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
}

// What unpacks to more than a call may have is refused without unpacking all of it, and
// what is not packed as it says is malformed.
func TestPackedBodies(t *testing.T) {
	c := begin(t, 8)
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write(bytes.Repeat([]byte(" "), 20*collect.MaxBatchBytes)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"a bomb":  {bomb.String(), http.StatusRequestEntityTooLarge, "32768 bytes are the most"},
		"no gzip": {"{}", http.StatusBadRequest, "can't be read"},
		"cut off": {bomb.String()[:20], http.StatusBadRequest, "can't be read"},
	} {
		if status, text, _ := c.send(t, "/v1/track", key, of.body, "Content-Encoding", "gzip"); status != of.status || !strings.Contains(text, of.says) {
			t.Errorf("%s: %d %s, want %d and %q", name, status, text, of.status, of.says)
		}
	}
	if stored := c.stored(t); len(stored) > 0 {
		t.Errorf("of these is stored: %v", stored)
	}
}

// A collector serves until it is told to stop, says whether it reaches NATS, and counts.
func TestServeUntilStopped(t *testing.T) {
	c := begin(t, 8)
	keys, err := collect.ParseKeys([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	of := collect.New(c.js, c.layout, collect.Config{Keys: keys})
	registry := prometheus.NewRegistry()
	if err := of.Counts.Register(registry); err != nil {
		t.Fatal(err)
	}
	if err := of.Counts.Register(registry); err == nil {
		t.Error("the same counters are registered twice")
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: of.Handler(), ReadHeaderTimeout: c.client.Timeout}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- of.Serve(ctx, server, func() error { return server.Serve(listener) }) }()
	health := func() int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()

		return answer.StatusCode
	}
	if got := health(); got != http.StatusOK {
		t.Errorf("health is %d", got)
	}
	c.js.Conn().Close()
	if got := health(); got != http.StatusServiceUnavailable {
		t.Errorf("health without NATS is %d", got)
	}
	families, err := registry.Gather()
	if err != nil || len(families) == 0 {
		t.Errorf("%d families of metrics, %v", len(families), err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := of.Serve(t.Context(), server, func() error { return net.ErrClosed }); err == nil {
		t.Error("a server that can't serve is no error")
	}
}
