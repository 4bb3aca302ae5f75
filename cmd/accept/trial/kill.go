package trial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The streams whose growth says how far a demo has come.
const (
	Input   = "ENGAGEMENT"
	Rollups = "ENGAGEMENT_ROLLUPS"
	Signals = "ENGAGEMENT_SIGNALS"
)

// Kill says when a demo is killed: as soon as a stream's last sequence is at
// least Sequence.
type Kill struct {
	Stream   string
	Sequence uint64
}

func (k Kill) String() string { return fmt.Sprintf("%s at %d", k.Stream, k.Sequence) }

// watchEvery is how often a demo that is to be killed is looked at.
const watchEvery = 2 * time.Millisecond

// ErrNotKilled says that the demo ended before its time had come.
var ErrNotKilled = errors.New("the demo ended before it was killed")

// RunUntil runs the demo and kills it with SIGKILL. at is the sequence that the
// stream had then.
func (d Demo) RunUntil(ctx context.Context, kill Kill) (at uint64, err error) {
	free, err := freePort()
	if err != nil {
		return 0, err
	}
	process, problems := d.process(ctx, io.Discard, "--nats-port", port(free))
	if err := process.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()

	at, err = await(ctx, kill, fmt.Sprintf("nats://127.0.0.1:%d", free), ended)
	if err != nil {
		return at, fmt.Errorf("%s: %w: %s", kill, errors.Join(err, stopNow(process, ended)), problems)
	}

	return at, stopNow(process, ended)
}

// stopNow kills the process, unless it has ended, and waits for it.
func stopNow(process *exec.Cmd, ended <-chan error) error {
	_ = process.Process.Kill() // it may have ended by itself
	<-ended                    //nolint:errcheck // it was killed: the state below says more
	if process.ProcessState.Exited() {
		return fmt.Errorf("%w: %s", ErrNotKilled, process.ProcessState)
	}

	return nil
}

// await waits for the kill's time. It puts back what it takes from ended.
func await(ctx context.Context, kill Kill, url string, ended chan error) (uint64, error) {
	var w *watch
	defer func() { w.close() }()
	for {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case err := <-ended:
			ended <- err

			return 0, ErrNotKilled
		case <-time.After(watchEvery):
		}
		if w == nil {
			w, _ = openWatch(url) // until the server listens

			continue
		}
		last, err := w.last(ctx, kill.Stream)
		if err == nil && last >= kill.Sequence {
			return last, nil
		}
	}
}

// watch looks at streams.
type watch struct {
	conn *nats.Conn
	js   jetstream.JetStream
}

func openWatch(url string) (*watch, error) {
	conn, err := nats.Connect(url, nats.Timeout(2*time.Second))
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()

		return nil, err
	}

	return &watch{conn, js}, nil
}

func (w *watch) last(ctx context.Context, stream string) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	found, err := w.js.Stream(ctx, stream)
	if err != nil {
		return 0, err
	}

	return found.CachedInfo().State.LastSeq, nil
}

func (w *watch) close() {
	if w != nil {
		w.conn.Close()
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a loopback address opens or fails at once
	if err != nil {
		return 0, err
	}
	defer listener.Close()

	return listener.Addr().(*net.TCPAddr).Port, nil
}
