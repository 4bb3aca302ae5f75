package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Defaults of ClickHouseConfig.
const (
	DefaultMaxQueries = 16
	DefaultMaxMemory  = 4 << 30
	DefaultDrain      = 10 * time.Second
)

const (
	displayName = "ebb-local"
	timezone    = "UTC"

	// killTimeout bounds how long a killed query may take to stop.
	killTimeout = 30 * time.Second
	// killInterval is the time between attempts to kill a query.
	killInterval = 100 * time.Millisecond
)

// ClickHouseConfig says where an embedded ClickHouse keeps its data and where
// it listens. The zero value of every field but Dir is a usable default.
type ClickHouseConfig struct {
	// Dir holds the data. It is created with mode 0700 and is required: the same
	// Dir brings the same databases back.
	Dir string
	// Port on 127.0.0.1. 0 or -1 takes a free one.
	Port int
	// MaxQueries run at once; more wait. 0 means DefaultMaxQueries.
	MaxQueries int
	// MaxMemory in bytes for all queries and merges together; one query may take
	// half. Beyond it a query fails with code 241. 0 means DefaultMaxMemory.
	MaxMemory int64
	// Backups is the folder of Backup and Restore; "" for one below Dir.
	Backups string
	// Drain is how long Close waits for running queries before it kills them. 0
	// means DefaultDrain.
	Drain time.Duration
	// Logger takes a line for each failed query. nil drops them.
	Logger *slog.Logger
}

// ClickHouse is the engine in this process behind an HTTP server that speaks
// ClickHouse's HTTP interface. Its methods may be called from several
// goroutines.
//
// The path of a query: the handler parses the HTTP request (request.go), takes
// one of MaxQueries places, opens a session with the request's database and
// settings (engine.go, session.go), runs the statement, and writes the result
// in the encoding the client asked for (encoding.go). The rows of an INSERT are
// streamed. A result is complete before its first byte is sent, so a failed
// query always has its own HTTP status, and a result must fit in memory. A
// client that goes away has its query killed.
//
// The engine holds one data folder per process. Servers on different folders
// can follow one another, each closed before the next starts.
type ClickHouse struct {
	engine  *engine
	version string
	logger  *slog.Logger
	drain   time.Duration
	places  chan struct{}
	http    *http.Server
	address string
	cancel  context.CancelFunc

	mu      sync.Mutex // guards closing, and queries.Add against it
	closing bool
	queries sync.WaitGroup // requests that use the engine

	serving  chan struct{} // closed when the HTTP server has ended
	close    sync.Once
	closeErr error
}

// StartClickHouse opens the engine on cfg.Dir and serves it on 127.0.0.1. The
// error wraps ErrLibraryMissing when the library is not installed.
func StartClickHouse(cfg ClickHouseConfig) (*ClickHouse, error) {
	if cfg.Dir == "" {
		return nil, errors.New("embedded ClickHouse: Dir is empty; name the folder for its data")
	}
	if cfg.MaxQueries == 0 {
		cfg.MaxQueries = DefaultMaxQueries
	}
	if cfg.MaxMemory == 0 {
		cfg.MaxMemory = DefaultMaxMemory
	}
	if cfg.Drain == 0 {
		cfg.Drain = DefaultDrain
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}

	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(max(cfg.Port, 0)))
	listener, err := net.Listen("tcp", address) //nolint:noctx // a loopback address opens or fails at once
	if err != nil {
		return nil, fmt.Errorf("embedded ClickHouse: %w; choose another port or 0 for a free one", err)
	}
	c, err := open(cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("embedded ClickHouse: %w", err), listener.Close())
	}
	c.serve(listener)
	return c, nil
}

// Addr is the host:port of the HTTP interface.
func (c *ClickHouse) Addr() string { return c.address }

// Close stops the server: it takes no more queries, gives those that run the time
// of Drain, kills the rest, and closes the engine, so that everything that was
// acknowledged is on disk. Closing again returns the first result.
func (c *ClickHouse) Close() error {
	c.close.Do(func() { c.closeErr = c.shutdown() })
	return c.closeErr
}

func open(cfg ClickHouseConfig) (*ClickHouse, error) {
	e, err := openEngine(cfg.Dir, cfg.Backups, cfg.MaxMemory)
	if err != nil {
		return nil, err
	}
	version, err := e.version()
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return &ClickHouse{
		engine:  e,
		version: version,
		logger:  cfg.Logger,
		drain:   cfg.Drain,
		places:  make(chan struct{}, cfg.MaxQueries),
		serving: make(chan struct{}),
	}, nil
}

func (c *ClickHouse) serve(listener net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.address = listener.Addr().String()
	c.http = &http.Server{
		Handler:           http.HandlerFunc(c.handle),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       5 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(c.logger.Handler(), slog.LevelWarn),
	}
	go func() {
		defer close(c.serving)
		if err := c.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			c.logger.Error("embedded ClickHouse stopped listening", "error", err)
		}
	}()
}

func (c *ClickHouse) shutdown() error {
	drain, stop := context.WithTimeout(context.Background(), c.drain)
	defer stop()
	if err := c.http.Shutdown(drain); err != nil {
		c.cancel()
		if err := c.http.Close(); err != nil {
			c.logger.Warn("close the HTTP server", "error", err)
		}
	}
	c.cancel()
	<-c.serving

	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()

	idle := make(chan struct{})
	go func() {
		defer close(idle)
		c.queries.Wait()
	}()
	select {
	case <-idle:
	case <-time.After(killTimeout):
		return fmt.Errorf("embedded ClickHouse: a query did not stop within %s after it was killed; the engine stays open", killTimeout)
	}
	return c.engine.close()
}

// admit counts a request that will use the engine, unless the server is closing.
// The caller then calls queries.Done.
func (c *ClickHouse) admit() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.queries.Add(1)
	return true
}

// version asks the engine which ClickHouse it is.
func (e *engine) version() (string, error) {
	r, err := e.anchor.query("SELECT version()", "TabSeparated", nil)
	if err != nil {
		return "", err
	}
	defer r.close()
	return strings.TrimSpace(string(r.data)), nil
}
