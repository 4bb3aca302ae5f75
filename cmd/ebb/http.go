package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Limits of the HTTP server. A scrape is small and quick; whoever needs longer
// is not a scraper.
const (
	httpReadTimeout  = 5 * time.Second
	httpWriteTimeout = 15 * time.Second
	httpIdleTimeout  = time.Minute
	httpHeaderBytes  = 16 << 10
	readyTimeout     = 3 * time.Second
)

// httpServer serves metrics and health until it is closed.
type httpServer struct {
	server   *http.Server
	listener net.Listener
	served   chan error // takes one error, when serving has ended
}

// startHTTP listens on the address and serves. ready says why the process
// can't work at the moment, or nil; it is called for every /readyz.
func startHTTP(ctx context.Context, listen string, registry *prometheus.Registry, ready func(context.Context) error) (*httpServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("http.listen is %q: %w; choose a free address, or an empty one for no server", listen, err)
	}
	s := &httpServer{
		listener: listener,
		served:   make(chan error, 1),
		server: &http.Server{
			Handler:        httpHandler(registry, ready),
			ReadTimeout:    httpReadTimeout,
			WriteTimeout:   httpWriteTimeout,
			IdleTimeout:    httpIdleTimeout,
			MaxHeaderBytes: httpHeaderBytes,
		},
	}
	go func() { s.served <- s.server.Serve(listener) }()

	return s, nil
}

// Addr is where the server listens, as host:port.
func (s *httpServer) Addr() string { return s.listener.Addr().String() }

// Close lets open requests finish until ctx ends, and waits for the server.
// It is called once.
func (s *httpServer) Close(ctx context.Context) error {
	stopped := s.server.Shutdown(ctx)
	if stopped != nil {
		stopped = errors.Join(stopped, s.server.Close())
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(stopped, err)
	}

	return stopped
}

func httpHandler(registry *prometheus.Registry, ready func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		answer(w, ready(ctx))
	})

	return mux
}

func answer(w http.ResponseWriter, problem error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	text := "ok\n"
	if problem != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		text = problem.Error() + "\n"
	}
	// The client may be gone; there is nobody to tell.
	_, _ = io.WriteString(w, text)
}
