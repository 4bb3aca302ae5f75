package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/sinks"
)

// Stream is one of the streams that a feed reads.
type Stream int

// The streams of a feed.
const (
	Rollups Stream = iota
	Signals
	DeadLetters
	streams = 3 // how many there are
)

// String is the end of the stream's name.
func (s Stream) String() string { return [...]string{"ROLLUPS", "SIGNALS", "DEADLETTERS"}[s] }

// Streams lists the streams of a feed.
func Streams() []Stream { return []Stream{Rollups, Signals, DeadLetters} }

// Feed reads the output streams and writes them to a sink. Its methods may be
// called from several goroutines. Of one name one feed should run at a time:
// two lose nothing, but they take each other's messages and both start over
// again and again.
type Feed struct {
	js      jetstream.JetStream
	sink    sinks.Sink
	cfg     Config
	loaders [streams]*loader

	mu      sync.Mutex
	stop    context.CancelFunc // ends the reading; nil when not running
	abandon context.CancelFunc // ends the writing
	done    chan struct{}      // closed when all loaders have ended
}

// New returns a feed that is not yet running. It does not close sink.
func New(js jetstream.JetStream, sink sinks.Sink, cfg Config) (*Feed, error) {
	cfg.setDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	f := &Feed{js: js, sink: sink, cfg: cfg}
	for _, s := range Streams() {
		f.loaders[s] = newLoader(f, s)
	}

	return f, nil
}

// Counters are those of one stream.
func (f *Feed) Counters(s Stream) *Counters { return &f.loaders[s].counters }

// Start begins to read in the background. A server or stream that is missing
// is logged and tried again, so Start fails only where the feed runs already.
func (f *Feed) Start() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != nil {
		return errors.New("sink feed: started twice")
	}

	var reading, writing context.Context
	reading, f.stop = context.WithCancel(context.Background())
	writing, f.abandon = context.WithCancel(context.Background())
	f.done = make(chan struct{})
	go f.run(reading, writing, f.done)

	return nil
}

func (f *Feed) run(reading, writing context.Context, done chan<- struct{}) {
	defer close(done)
	var group sync.WaitGroup
	for _, l := range f.loaders {
		group.Go(func() { l.run(reading, writing) })
	}
	group.Wait()
}

// Stop ends in two steps: it stops reading and writes what is read; when ctx
// ends before that is done, it gives up the writing and returns ctx's error.
// Nothing is lost either way: what is not written is read again by the next
// Start. Stopping a feed that does not run does nothing.
func (f *Feed) Stop(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop == nil {
		return nil
	}

	f.stop()
	var err error
	select {
	case <-f.done:
	case <-ctx.Done():
		err = fmt.Errorf("sink feed: stopped before everything read was written; the next start reads it again: %w", ctx.Err())
	}
	f.abandon()
	<-f.done
	f.stop, f.abandon, f.done = nil, nil, nil

	return err
}

// caughtUpPoll is how often CaughtUp looks.
const caughtUpPoll = 20 * time.Millisecond

// CaughtUp waits until all that the streams hold at the time of the call is
// written or set aside.
func (f *Feed) CaughtUp(ctx context.Context) error {
	for _, l := range f.loaders {
		last, err := f.last(ctx, l.stream)
		if err != nil {
			return err
		}
		if err := l.waitFor(ctx, last); err != nil {
			return err
		}
	}

	return nil
}

// last is the sequence of the stream's last message, 0 where it has none. The
// stream's own last sequence may be that of a message erased since.
func (f *Feed) last(ctx context.Context, name string) (uint64, error) {
	stream, err := f.js.Stream(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("sink feed: stream %s: %w", name, err)
	}
	// With ">" the server would only look at the last sequence.
	message, err := stream.GetLastMsgForSubject(ctx, f.cfg.Prefix+".>")
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("sink feed: last message of stream %s: %w", name, err)
	}

	return message.Sequence, nil
}

// WaitFor waits until everything up to the stream's sequence is written or set
// aside.
func (f *Feed) WaitFor(ctx context.Context, s Stream, sequence uint64) error {
	return f.loaders[s].waitFor(ctx, sequence)
}
