package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/cenkalti/backoff/v5"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"ebb/cmd/ebb/build"
	"ebb/cmd/ebb/health"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
	"ebb/sinks"
)

// running is `ebb run` on its way.
type running struct {
	config  *setting.Config
	log     *slog.Logger
	board   *health.Board
	metrics engineCollector
	js      natsjs.JetStream
	sink    sinks.Sink // nil: nothing is written
	sources taking
}

// newBoard returns a board that logs what begins and ends to hinder.
func newBoard(log *slog.Logger) *health.Board {
	return health.New(func(c health.Condition, holds bool) {
		switch {
		case c.Name == health.Starting || c.Name == health.Stopping:
		case holds && (c.Name == health.StandingBy || c.Name == health.Restoring):
			log.Info(c.Text)
		case holds:
			log.Warn(c.Text, "condition", c.Name, "remedy", c.Remedy)
		default:
			log.Info("no longer "+string(c.Name), "condition", c.Name, "since", c.Since)
		}
	})
}

// connect connects to NATS, and waits for it where it is away. What waiting
// does not mend, such as wrong credentials, is an error.
func (r *running) connect(ctx context.Context) error {
	return r.untilServed(ctx, func() (err error) {
		r.js, err = r.config.NATS.ConnectJetStream(ctx, r.log)

		return err
	})
}

// untilServed repeats what fails because NATS is away, until it works or ctx
// ends.
func (r *running) untilServed(ctx context.Context, try func() error) error {
	const first, most = 250 * time.Millisecond, 5 * time.Second
	pauses := &backoff.ExponentialBackOff{InitialInterval: first, MaxInterval: most, Multiplier: 2}
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := try()
		if err == nil || !jetstream.Passing(err) || ctx.Err() != nil {
			r.board.Clear(health.WaitingForNATS)
			if err != nil {
				err = backoff.Permanent(err)
			}
		}

		return struct{}{}, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, _ time.Duration) {
		r.board.Set(health.WaitingForNATS, "waiting for NATS: "+err.Error(),
			"start NATS, or correct nats.url; on a cluster, look whether JetStream has a leader; ebb goes on by itself")
	}))

	return err
}

// work stands by, owns the partitions, and stands by again where another has
// taken them.
func (r *running) work(ctx context.Context) error {
	for {
		lease := NewLease(r.js, r.config.Stream.Layout(), r.board)
		if err := lease.Acquire(ctx); err != nil {
			return ifRunning(ctx, err)
		}
		r.board.Clear(health.StandingBy)
		err := r.own(ctx, lease)
		if !errors.Is(err, jetstream.ErrLeaseLost) || ctx.Err() != nil {
			return err
		}
		r.log.Warn("another instance has taken over; standing by", "error", err)
	}
}

// own runs the partitions until ctx ends, something fails, or the lease is lost.
func (r *running) own(ctx context.Context, lease *jetstream.Lease) error {
	kept := KeepLease(ctx, lease, r.board)
	taking, err := r.config.Runner(r.js, r.log)
	if err != nil {
		return kept.End(err)
	}
	e, err := r.start(kept.ctx, taking.Holds)
	if err != nil {
		return ifRunning(ctx, kept.End(err))
	}
	r.sources.begin(kept.ctx, taking, r.board)
	defer r.sources.end()
	r.metrics.engine.Store(e.metrics())
	e.showPartitions(r.board)
	r.board.Clear(health.Starting, health.Restoring)
	r.log.Info("running", "version", build.Version(), "partitions", r.config.Stream.Partitions, "clickhouse", r.config.ClickHouse.Enabled)

	watching, cancel := context.WithCancel(kept.ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		e.watch(watching, r.js, r.board)
	}()
	select {
	case <-ctx.Done():
		r.log.Info("stopping: processing and committing what was read")
	case <-kept.ctx.Done():
	case <-e.Done:
	}
	r.board.Set(health.Stopping, "it was told to stop, or has failed", "")
	r.sources.end()
	err = e.Stop()
	cancel()
	<-watched
	r.board.Run(nil, r.config.Stream.Partitions)
	err = kept.End(err)
	r.board.Only(health.Stopping)
	if errors.Is(err, jetstream.ErrLeaseLost) {
		r.board.Clear(health.Stopping)
		r.board.Set(health.Starting, "another instance has taken over", "")
	}

	return err
}

// start starts the engine, and waits for NATS where it goes away meanwhile.
// No ticks are published while hold says so.
func (r *running) start(ctx context.Context, hold func() bool) (e *Engine, err error) {
	c := r.config
	config := EngineConfig{
		Js:       r.js,
		Layout:   c.Layout(),
		Pipeline: c.Processing.Pipeline(&c.Stream, &c.Churn),
		Options: own.Options{
			Nonce:            nuid.Next(), // one for all tries: what the last one has claimed is this one's
			Name:             holder().String(),
			Hold:             hold,
			SnapshotInterval: time.Duration(c.Processing.Snapshot.Interval),
		},
		Sink:  r.sink,
		stop:  time.Duration(c.Stop.Timeout),
		board: r.board,
		Log:   r.log,
	}
	err = r.untilServed(ctx, func() error {
		e, err = StartEngine(ctx, config)

		return err
	})

	return e, err
}

// holder is this process in words that lead a person to it.
func holder() jetstream.Holder {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}

	return jetstream.Holder{Host: host, PID: os.Getpid(), Nonce: nuid.Next(), Started: time.Now().UTC(), Version: build.Version()}
}

// NewLease is the lease of a layout, whose state the board shows.
func NewLease(js natsjs.JetStream, layout jetstream.Layout, board *health.Board) *jetstream.Lease {
	return jetstream.NewLease(js, layout, holder(), 0, jetstream.LeaseObserver{
		Waiting: func(h jetstream.Holder) {
			board.Set(health.StandingBy, fmt.Sprintf("standing by for %s, which has run since %s", h, term.TimeText(h.Started)),
				"nothing is to be done: this instance takes over when that one stops or dies")
			board.Clear(health.Starting)
		},
		Failed: func(err error) {
			board.Set(health.LeaseUnrenewed, "NATS does not answer: "+err.Error(), "look whether NATS runs and its JetStream has a leader")
		},
		Worked: func() { board.Clear(health.LeaseUnrenewed) },
	})
}
