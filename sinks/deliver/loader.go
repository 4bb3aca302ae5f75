package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"ebb/sinks"
)

// loader is the path of the messages of one stream:
//
//	begin     read the cursor, and set the durable consumer to the message after it
//	lull      of history: leave the rest in the stream while more comes
//	collect   take messages in order, decode them, until a batch is full or old enough
//	store     write the batch; again, without end, while the sink fails;
//	          cut it in halves while the sink refuses it, and set aside what is left
//	advance   save the cursor, then acknowledge the batch's last message and with
//	          it all before
//
// Collecting and storing run side by side, one batch ahead. The rule is that
// the cursor never passes a message that is neither written nor set aside. Any
// fault in between ends the session; the next one begins at the cursor, and
// the messages that are written again do no harm.
type loader struct {
	feed     *Feed
	kind     Stream
	stream   string
	log      *slog.Logger
	counters Counters
	awaited  atomic.Uint64           // sequence that somebody waits for; 0 where nobody does
	open     atomic.Pointer[session] // nil while none is open
}

// session is a source, and what ends the reading of it.
type session struct {
	source *source
	cancel context.CancelFunc
}

func newLoader(f *Feed, kind Stream) *loader {
	stream := f.cfg.StreamPrefix + "_" + kind.String()

	return &loader{
		feed: f, kind: kind, stream: stream,
		log: f.cfg.Logger.With("sink", f.cfg.Name, "stream", stream),
	}
}

// run opens sessions until reading ends.
func (l *loader) run(reading, writing context.Context) {
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		l.watch(reading)
	}()
	defer func() { <-watched }()

	wait := l.pauses()
	for reading.Err() == nil {
		written := l.counters.written.Load()
		err := l.session(reading, writing)
		if reading.Err() != nil {
			break
		}
		if errors.Is(err, errMoved) {
			l.log.Info("the cursor was moved, as by a rewind; reading begins from there")
			wait.Reset()
			sleep(reading, wait.NextBackOff()) // two of the same name would take turns for ever

			continue
		}
		if l.counters.written.Load() > written {
			wait.Reset()
		}
		pause := wait.NextBackOff()
		l.log.Warn("sink reading interrupted; going on from the last written message", "error", err, "in", pause)
		sleep(reading, pause)
	}
}

// session reads and writes until reading ends or something fails. What is
// collected is written before it returns, unless writing ends.
func (l *loader) session(reading, writing context.Context) error {
	reading, cancel := context.WithCancel(reading)
	defer cancel()
	source, err := l.begin(reading)
	if err != nil {
		return err
	}
	defer source.close()
	l.open.Store(&session{source, cancel})
	defer l.open.Store(nil)
	l.counters.Sessions.Add(1)

	batches, spares := make(chan *batch), make(chan sinks.Spare, 1)
	collected := make(chan error, 1)
	go func() {
		defer close(batches)
		collected <- l.collect(reading, writing, source, batches, spares)
	}()

	var failed error
	for b := range batches {
		if failed != nil {
			continue // the collector may be waiting to hand one over
		}
		if failed = l.store(writing, source, b); failed != nil {
			cancel()

			continue
		}
		b.leave(spares)
	}

	ended := <-collected
	if failed == nil && source.moved.Load() {
		return errMoved
	}

	return errors.Join(failed, ended)
}

// collect makes batches of the messages and hands them over. They use the memory
// of those before, where there is some. A batch that is
// begun when the source fails is handed over as well: it is in order.
func (l *loader) collect(reading, writing context.Context, source *source, batches chan<- *batch, spares <-chan sinks.Spare) error {
	var sizes [sinks.RollupTables]int // of the batch before: in a backlog the next is as large
	for {
		b, err := l.fill(reading, source, sizes, spares)
		sizes = b.rows.RollupSizes()
		if len(b.messages) > 0 {
			select {
			case batches <- b:
			case <-writing.Done():
				return writing.Err()
			}
		}
		if err != nil {
			return err
		}
	}
}

// fill takes messages until the batch is full, or its first message has waited
// long enough, or it has what somebody waits for.
func (l *loader) fill(ctx context.Context, source *source, sizes [sinks.RollupTables]int, spares <-chan sinks.Spare) (*batch, error) {
	b := newBatch()
	first, err := source.next(ctx)
	if err != nil {
		return b, err
	}
	select {
	case spare := <-spares:
		b.rows.Reuse(spare)
	default:
	}
	b.rows.Reserve(sizes)
	b.add(l.kind, first)

	due := time.Now().Add(l.feed.cfg.MaxWait)
	var begun time.Time // when the reading of history was; zero where it was not
	for last := first; !b.full(&l.feed.cfg); {
		if b.history(time.Now()) {
			if begun.IsZero() {
				l.lull(ctx, source, last)
				begun = time.Now()
			}
			due = earlier(time.Now().Add(l.feed.cfg.MaxWait), begun.Add(l.feed.cfg.HistoryWait))
		}
		if awaited := l.awaited.Load(); first.Sequence <= awaited && awaited <= last.Sequence {
			return b, nil // somebody waits for no more than this
		}
		m, err := source.nextUntil(ctx, due)
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return b, nil
		}
		if err != nil {
			return b, err
		}
		b.add(l.kind, m)
		last = m
	}

	return b, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}

	return b
}

// store writes the batch, sets aside what can't be written, and moves the
// cursor. It fails only when ctx ends or the cursor can't be saved.
func (l *loader) store(ctx context.Context, source *source, b *batch) error {
	for _, bad := range b.unreadable {
		if err := l.setAside(ctx, bad.message, bad.err); err != nil {
			return err
		}
	}
	last := b.messages[len(b.messages)-1]
	b.rows.Cursor = &sinks.Cursor{
		Name: l.feed.cfg.Name, Stream: l.stream, Sequence: last.Sequence, Created: source.created.UnixNano(),
	}
	if err := l.write(ctx, source, b); err != nil {
		return err
	}
	source.vouched = last.Sequence
	l.logEra(source, b.rows.NewestEra())
	if err := source.advance(ctx, last); err != nil {
		return err
	}
	l.counters.Messages.Add(uint64(len(b.messages)))
	l.counters.advance(last)

	return nil
}

// waitFor waits until the stream is written up to a sequence. Of several who wait at
// once the last one to come has it told to the reading.
func (l *loader) waitFor(ctx context.Context, sequence uint64) error {
	l.awaited.Store(sequence)
	defer l.awaited.CompareAndSwap(sequence, 0)
	ticker := time.NewTicker(caughtUpPoll)
	defer ticker.Stop()
	for l.counters.written.Load() < sequence {
		select {
		case <-ctx.Done():
			return fmt.Errorf("sink feed: stream %s is written up to sequence %d of %d: %w",
				l.stream, l.counters.written.Load(), sequence, ctx.Err())
		case <-ticker.C:
		}
	}

	return nil
}

// decode appends the rows of m.
func decode(kind Stream, rows *sinks.Batch, m *message) error {
	switch kind {
	case Signals:
		return rows.AddSignal(m.Data)
	case DeadLetters:
		rows.AddDeadLetter(m.Message)

		return nil
	}

	return rows.AddRollup(m.Data)
}
