package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ebb/cmd/ebb/health"
)

// Limits of the HTTP server. A scrape is small and quick; whoever needs longer
// is not a scraper.
const (
	httpReadTimeout  = 5 * time.Second
	httpWriteTimeout = 15 * time.Second
	httpIdleTimeout  = time.Minute
	httpHeaderBytes  = 16 << 10
)

// httpServer serves metrics and health until it is closed.
type httpServer struct {
	server   *http.Server
	listener net.Listener
	served   chan error // takes one error, when serving has ended
}

// startHTTP listens on the address and serves. report says how the process
// stands; it is called for every /readyz.
func startHTTP(ctx context.Context, listen string, metrics prometheus.Gatherer, report func() health.Report) (*httpServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("http.listen is %q: %w; choose a free address, or an empty one for no server", listen, err)
	}
	s := &httpServer{
		listener: listener,
		served:   make(chan error, 1),
		server: &http.Server{
			Handler:        httpHandler(metrics, report),
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

func httpHandler(metrics prometheus.Gatherer, report func() health.Report) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	// Alive is whoever answers. A supervisor that restarts the process because
	// something else is away would make it worse.
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "text/plain; charset=utf-8", "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { answerReport(w, r, report()) })

	return mux
}

// answerReport answers 200 while processing goes on, also degraded, and 503
// while it does not; with ?standby=ok also 200 while nothing but another instance
// keeps this one from it, which is all that an orchestrator needs to know. The body says
// why: text, or JSON for who asks for it with ?format=json or the header Accept.
func answerReport(w http.ResponseWriter, r *http.Request, report health.Report) {
	status := http.StatusOK
	query := r.URL.Query()
	if !report.Ready && !(query.Get("standby") == "ok" && report.StandsBy()) {
		status = http.StatusServiceUnavailable
	}
	if query.Get("format") != "json" && !strings.Contains(r.Header.Get("Accept"), "application/json") {
		answer(w, status, "text/plain; charset=utf-8", report.Text(time.Now()))

		return
	}
	body, err := json.Marshal(report)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	answer(w, status, "application/json", string(body)+"\n")
}

func answer(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// The client may be gone; there is nobody to tell.
	_, _ = io.WriteString(w, body)
}
