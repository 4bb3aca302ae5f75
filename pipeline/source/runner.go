package source

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"ebb/pipeline/format"
	"ebb/pipeline/jetstream"
)

// Config is what sources are run with.
type Config struct {
	JS       natsjs.JetStream // ebb's own
	Layout   jetstream.Layout
	Specs    []Spec
	Types    format.Types // of the vocabulary
	Lateness time.Duration
	Skew     time.Duration
	Log      *slog.Logger

	// Connect connects to the account of a source that has one; the runner closes the
	// connection.
	Connect func(ctx context.Context, account *Account) (natsjs.JetStream, error)

	// Expired says up to when retention has removed rows; see fact.StartMark. May be nil.
	Expired func(now time.Time) map[string]int64
}

// Runner brings the events of sources into the input.
type Runner struct {
	config  Config
	feeds   []*feed
	holding atomic.Bool
}

// New reads mappings; it asks no server.
func New(config Config) (*Runner, error) {
	if err := ValidateAll(config.Specs); err != nil {
		return nil, err
	}
	config.Layout = config.Layout.WithDefaults()
	r := &Runner{config: config}
	for i := range config.Specs {
		spec := &config.Specs[i]
		if err := r.config.itself(spec); err != nil {
			return nil, err
		}
		reader, err := NewReader(spec, config.Types)
		if err != nil {
			return nil, err
		}
		r.feeds = append(r.feeds, &feed{
			spec: spec, config: &r.config, reader: reader, writer: jetstream.NewSourceWriter(config.JS, config.Layout, spec.Name),
			status: Status{Name: spec.Name, Place: spec.Place(), Core: spec.Core, State: Connecting},
		})
	}
	r.holding.Store(len(r.feeds) > 0)

	return r, nil
}

// Holds says whether time has to wait: the next events of sources are history, and
// a tick in front of them would make them late.
func (r *Runner) Holds() bool { return r.holding.Load() }

// errAgain says that a source which came later has history.
var errAgain = errors.New("a source has history to import")

// Run runs the sources until ctx ends:
//
//	history  in rounds, until all sources are close to the ends of their streams
//	live     each source on its own, message by message
//
// Whatever fails is tried again, and shown in Status meanwhile.
func (r *Runner) Run(ctx context.Context) error {
	defer r.holding.Store(false)
	defer func() {
		for _, f := range r.feeds {
			f.disconnect()
		}
	}()
	for ctx.Err() == nil {
		r.holding.Store(true)
		r.pastOf(ctx)
		r.holding.Store(false)
		group, work := errgroup.WithContext(ctx)
		for _, f := range r.feeds {
			group.Go(func() error { return f.live(work) })
		}
		if err := group.Wait(); !errors.Is(err, errAgain) {
			return err
		}
	}

	return nil
}

// pastOf imports what is history, round by round.
func (r *Runner) pastOf(ctx context.Context) {
	pauses := retries()
	for ctx.Err() == nil {
		done, err := r.round(ctx)
		if err == nil {
			if done {
				return
			}
			pauses.Reset()

			continue
		}
		if ctx.Err() != nil {
			return
		}
		for _, f := range r.feeds {
			f.failed(err)
		}
		r.config.Log.Warn("the history of sources waits, and is tried again", "error", err)
		rest(ctx, pauses.NextBackOff())
	}
}

func retries() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: 250 * time.Millisecond, MaxInterval: 5 * time.Second, Multiplier: 2, RandomizationFactor: 0.2}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// State says what a source does.
type State string

// The states of a source.
const (
	Connecting State = "connecting"
	History    State = "history" // its past is imported
	Live       State = "live"
	Blocked    State = "blocked" // it needs a person; the error says for what
)

// Status is how a source stands.
type Status struct {
	Name     string `json:"name"`
	Place    string `json:"place"`          // stream or subjects
	Core     bool   `json:"core,omitempty"` // best effort: what is published while nobody hears it is gone
	State    State  `json:"state"`
	Sequence uint64 `json:"sequence"` // all messages up to it are in the input
	Behind   uint64 `json:"behind"`   // messages that follow it by now
	BehindMS int64  `json:"behind_ms"`
	Events   uint64 `json:"events"`
	Refused  uint64 `json:"refused"`
	Lost     uint64 `json:"lost"`            // messages that were removed before they were read, at most; of core ones, those that had no room
	Error    string `json:"error,omitempty"` // the last one, while it holds
}

// Status says how the sources stand, in the order of the settings.
func (r *Runner) Status() []Status {
	var all []Status
	for _, f := range r.feeds {
		f.mu.Lock()
		s := f.status
		if s.Behind > 0 && f.unread > 0 {
			s.BehindMS = max(time.Now().UnixMilli()-f.unread, 0)
		}
		f.mu.Unlock()
		all = append(all, s)
	}

	return all
}

// feed is one source on its way.
type feed struct {
	spec   *Spec
	config *Config
	reader *Reader
	writer *jetstream.SourceWriter
	js     natsjs.JetStream // nil while not connected

	latest   bool // events of before are late: it was said
	timeless bool // what waits has no times, and goes live

	mu     sync.Mutex // guards what follows
	status Status
	unread int64 // when the first message behind the cursor, or the one at it, was stored; 0 for unknown
}

// connect connects to the source's account, if it has one.
func (f *feed) connect(ctx context.Context) error {
	if f.js != nil {
		return nil
	}
	if f.spec.Account == (Account{}) {
		f.js = f.config.JS

		return nil
	}
	js, err := f.config.Connect(ctx, &f.spec.Account)
	if err != nil {
		return fmt.Errorf("source %s: %w", f.spec.Name, err)
	}
	f.js = js

	return nil
}

func (f *feed) disconnect() {
	if f.js != nil && f.js != f.config.JS {
		f.js.Conn().Close()
	}
	f.js = nil
}

func (f *feed) is(state State) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.State, f.status.Error = state, ""
}

func (f *feed) failed(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status.Error = err.Error()
}

func (f *feed) blocked(err error) {
	f.mu.Lock()
	known := f.status.State == Blocked
	f.status.State, f.status.Error = Blocked, err.Error()
	f.mu.Unlock()
	if !known {
		f.config.Log.Warn("a source is not read", "source", f.spec.Name, "error", err)
	}
}

// at shows a cursor, and what follows it.
func (f *feed) at(cursor *jetstream.SourceCursor, behind uint64, unread int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.status
	s.Sequence, s.Events, s.Refused, s.Lost = cursor.Sequence, cursor.Events, cursor.Refused, cursor.Lost
	s.Behind, f.unread = behind, unread
}
