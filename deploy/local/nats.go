package local

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Limits of the embedded NATS server. They are wide enough for an instance
// that publishes the outputs of 64 partitions at once, each in its own atomic
// batch, while a former owner's batches are still open.
const (
	// DefaultMaxPayload is the largest message in bytes, the server's own default.
	DefaultMaxPayload = 1 << 20

	maxBatchesPerStream = 256
	maxBatchesTotal     = 4096
	maxBatchMessages    = 1000
	maxBatchTimeout     = 10 * time.Second

	jetStreamMaxMemory = 1 << 30
	jetStreamMaxStore  = 1 << 40

	natsReadyTimeout = 20 * time.Second
)

// NATSConfig says where an embedded NATS server keeps its streams and where it
// listens. The zero value of every field but Dir is a usable default.
type NATSConfig struct {
	// Dir holds the JetStream files. It is created with mode 0700 and is
	// required: the same Dir brings the same streams back.
	Dir string
	// Port on 127.0.0.1. 0 or -1 takes a free one.
	Port int
	// MaxPayload is the largest message in bytes. 0 means DefaultMaxPayload.
	MaxPayload int32
	// SyncAlways makes the server flush each write to disk before it
	// acknowledges it. Off, the server flushes every two minutes, so a crash of
	// the machine (not of the process) can lose the newest messages.
	SyncAlways bool
	// Logger takes the server's log. nil drops it.
	Logger *slog.Logger
}

// NATS is a running embedded server with JetStream. Its methods may be called
// from several goroutines.
type NATS struct {
	server *server.Server
	close  sync.Once
}

// StartNATS starts a NATS server with JetStream and file storage in this
// process and returns when it accepts connections. It listens on 127.0.0.1
// only, has no accounts or passwords, and leaves signals to the program.
func StartNATS(cfg NATSConfig) (*NATS, error) {
	options, err := natsOptions(cfg)
	if err != nil {
		return nil, err
	}

	srv, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server in %s: %w", cfg.Dir, err)
	}

	log := natsLogger{cfg.Logger}
	if cfg.Logger == nil {
		log.to = slog.New(slog.DiscardHandler)
	}
	srv.SetLoggerV2(log, false, false, false)

	srv.Start()
	n := &NATS{server: srv}
	if err := n.check(options); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// URL is the address for clients, such as nats://127.0.0.1:4222.
func (n *NATS) URL() string { return n.server.ClientURL() }

// Close stops the server and waits until its files are written and its
// listener is gone. Closing again does nothing.
func (n *NATS) Close() {
	n.close.Do(func() {
		n.server.Shutdown()
		n.server.WaitForShutdown()
	})
}

func (n *NATS) check(options *server.Options) error {
	if !n.server.ReadyForConnections(natsReadyTimeout) {
		address := net.JoinHostPort(options.Host, strconv.Itoa(options.Port))
		return fmt.Errorf("embedded NATS server did not listen on %s within %s; is the port taken?",
			address, natsReadyTimeout)
	}
	if !n.server.JetStreamEnabled() {
		return fmt.Errorf("embedded NATS server could not open JetStream in %s; its log says why", options.StoreDir)
	}
	return nil
}

func natsOptions(cfg NATSConfig) (*server.Options, error) {
	if cfg.Dir == "" {
		return nil, errors.New("embedded NATS server: Dir is empty; name the folder for its streams")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}

	port := cfg.Port
	if port == 0 {
		port = server.RANDOM_PORT
	}
	// Looked at here because the server would only log a taken port and wait.
	if port > 0 {
		if err := checkFree(port); err != nil {
			return nil, fmt.Errorf("embedded NATS server: %w", err)
		}
	}

	maxPayload := cfg.MaxPayload
	if maxPayload == 0 {
		maxPayload = DefaultMaxPayload
	}

	return &server.Options{
		ServerName: "ebb-local",
		Host:       "127.0.0.1",
		Port:       port,
		NoSigs:     true,
		MaxPayload: maxPayload,

		JetStream:          true,
		StoreDir:           cfg.Dir,
		JetStreamMaxMemory: jetStreamMaxMemory,
		JetStreamMaxStore:  jetStreamMaxStore,
		SyncAlways:         cfg.SyncAlways,
		JetStreamLimits: server.JSLimitOpts{
			MaxBatchInflightPerStream: maxBatchesPerStream,
			MaxBatchInflightTotal:     maxBatchesTotal,
			MaxBatchSize:              maxBatchMessages,
			MaxBatchTimeout:           maxBatchTimeout,
		},
	}, nil
}

// checkFree reports whether a listener can be opened on the loopback port.
func checkFree(port int) error {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	listener, err := net.Listen("tcp", address) //nolint:noctx // a loopback address opens or fails at once
	if err != nil {
		return fmt.Errorf("%s: %w; choose another port or 0 for a free one", address, err)
	}
	return listener.Close()
}

// natsLogger writes the server's log lines to a slog.Logger.
type natsLogger struct{ to *slog.Logger }

func (l natsLogger) Noticef(format string, v ...any) { l.to.Info(fmt.Sprintf(format, v...)) }
func (l natsLogger) Warnf(format string, v ...any)   { l.to.Warn(fmt.Sprintf(format, v...)) }
func (l natsLogger) Errorf(format string, v ...any)  { l.to.Error(fmt.Sprintf(format, v...)) }
func (l natsLogger) Debugf(format string, v ...any)  { l.to.Debug(fmt.Sprintf(format, v...)) }
func (l natsLogger) Tracef(format string, v ...any)  { l.to.Debug(fmt.Sprintf(format, v...)) }

// Fatalf does not end the process: the server's owner decides that.
func (l natsLogger) Fatalf(format string, v ...any) { l.to.Error(fmt.Sprintf(format, v...)) }
