package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	readTimeout  = 5 * time.Second
	writeTimeout = time.Minute // a page waits for its queries
	closeTimeout = 3 * time.Second
	headerBytes  = 16 << 10
)

// Server serves the pages until it is closed.
type Server struct {
	server *http.Server
	listen net.Listener
	served chan error
}

// Serve listens on an address and serves.
func Serve(ctx context.Context, address string, conn driver.Conn, log *slog.Logger) (*Server, error) {
	handler, err := Handler(conn, log)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("pages of dashboards: %w; choose a free address", err)
	}
	s := &Server{listen: listener, served: make(chan error, 1), server: &http.Server{
		Handler: handler, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, MaxHeaderBytes: headerBytes,
	}}
	go func() { s.served <- s.server.Serve(listener) }()

	return s, nil
}

// URL is where the first page is.
func (s *Server) URL() string { return "http://" + s.listen.Addr().String() + "/" }

// Close ends it, and open requests with it after a while.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.server.Close()
	}
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}

	return err
}
