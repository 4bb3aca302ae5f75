package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/deploy/local/loopback"
	"ebb/pipeline/collect"
	"ebb/pipeline/vocabulary"
)

// collectCommand is `ebb collect`.
type collectCommand struct {
	Listen     string                   `name:"listen" default:"127.0.0.1:8089" placeholder:"HOST:PORT" help:"Address of the API and /healthz. Only this machine reaches the default; put a server with TLS in front of any other."`
	Keys       string                   `name:"keys" required:"" type:"path" placeholder:"FILE" help:"Write keys, one a line of 16 bytes or more; lines that begin with # say nothing."`
	Origins    []string                 `name:"origins" placeholder:"ORIGIN" help:"Web pages that may send, such as https://shop.example; * for any. None by default."`
	AtOnce     int                      `name:"at-once" default:"64" placeholder:"N" help:"Calls that are stored at the same time, 1 to 10000; more are told to come again (429)."`
	Metrics    string                   `name:"metrics-listen" placeholder:"HOST:PORT" help:"Address of /metrics. None by default."`
	NATS       setting.NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Processing setting.ProcessingConfig `embed:"" group:"Processing"`
	Churn      setting.ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`
	Log        setting.LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb collect --help.
func (collectCommand) Help() string {
	return "Takes events over HTTP as Segment's libraries send them, and stores them in the input stream: POST /v1/track, identify, page, screen, group, alias (32 KB each) and batch (500 KB), " +
		"also compressed. The write key is the user of basic authentication, or writeKey in the body. The answer is 200 once JetStream has stored all of it; where it can't, 429 with Retry-After, " +
		"and libraries send it again: a call counts once by its messageId. A body has 5 s to come and a second more for each 16 KB (else 408), and all together take 64 MB (else 429). Bad calls of a batch become dead letters, a bad one by itself is answered with 400 and why. " +
		"It needs the rights of a producer, and `ebb run` to have made the stream.\n\n" +
		"A key is made by openssl rand -hex 16. For libraries: set host (or apiHost, data plane URL) to this address.\n\n" +
		term.Examples(
			"ebb collect --keys keys",
			"ebb collect --keys keys --listen :8089 --origins https://shop.example",
			`curl -u "$(cat keys):" -d '{"messageId":"m1","userId":"c-17","event":"Order Completed","timestamp":"2026-05-04T10:00:00Z"}' localhost:8089/v1/track`,
		)
}

// Validate refuses what can't be served.
func (c *collectCommand) Validate() error {
	return setting.RefuseOutside("--at-once", c.AtOnce, 1, 10_000)
}

// Bounds of a call. Those of its body, by its size, are the collector's own.
const (
	collectReadTimeout = 10 * time.Second
	collectHeaderBytes = 16 << 10
	collectTimeout     = 5 * time.Second
)

// Run serves until it is told to stop, and then ends what was begun.
func (c *collectCommand) Run(ctx context.Context, to call.Streams) error {
	text, err := os.ReadFile(c.Keys)
	if err != nil {
		return fmt.Errorf("--keys: %w", err)
	}
	keys, err := collect.ParseKeys(text)
	if err != nil {
		return fmt.Errorf("--keys %s: %w", c.Keys, err)
	}
	types, err := vocabulary.NewVocabulary(c.Processing.Pipeline(&c.Stream, &c.Churn).Vocabulary)
	if err != nil {
		return err
	}
	log := c.Log.Logger(to.Err)
	js, err := c.NATS.ConnectJetStream(ctx, log)
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	collector := collect.New(js, c.Stream.Layout(), collect.Config{
		Keys: keys, Types: types, Origins: c.Origins, AtOnce: c.AtOnce, Timeout: collectTimeout, Log: log,
	})
	stopMetrics, err := c.serveMetrics(ctx, collector)
	if err != nil {
		return err
	}
	defer stopMetrics()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w; choose a free address", c.Listen, err)
	}
	if address := listener.Addr().String(); !loopback.Is(address) {
		log.Warn("the collector is reached from other machines without TLS; put a server with TLS in front of it", "listen", address)
	}
	server := &http.Server{
		Handler: collector.Handler(), ReadTimeout: collectReadTimeout, WriteTimeout: collectReadTimeout + 2*collectTimeout,
		IdleTimeout: time.Minute, MaxHeaderBytes: collectHeaderBytes,
	}
	log.Info("collecting events", "listen", listener.Addr().String())

	return collector.Serve(ctx, server, func() error { return server.Serve(listener) })
}

// serveMetrics serves /metrics where that is asked for, until what it returns is called.
func (c *collectCommand) serveMetrics(ctx context.Context, collector *collect.Collector) (stop func(), err error) {
	if c.Metrics == "" {
		return func() {}, nil
	}
	registry := prometheus.NewRegistry()
	if err := collector.Counts.Register(registry); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Metrics)
	if err != nil {
		return nil, fmt.Errorf("--metrics-listen %s: %w; choose a free address", c.Metrics, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadTimeout: collectReadTimeout, WriteTimeout: collectReadTimeout, MaxHeaderBytes: collectHeaderBytes}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.Log.Logger(os.Stderr).Warn("metrics are not served any more", "error", err)
		}
	}()

	return func() { _ = server.Close(); <-ended }, nil
}
