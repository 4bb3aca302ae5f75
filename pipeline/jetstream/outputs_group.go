package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// This file lets partitions share atomic batches. The server makes a directory
// and a store of its own for each batch, which costs it about as much as hundreds
// of messages; and partitions cut at the same time. So what comes while a batch
// of its stream is on its way goes out together in the next one, each partition's
// messages with its marker behind them, guarded as if they had gone alone.
//
// Whoever finds no batch on its way sends one, for all who wait; there is no
// goroutine of its own.

// groupBytes is how many bytes of messages share a batch, but for one who has
// more.
const groupBytes = 4 << 20

// publication is what one partition publishes at once.
type publication struct {
	ctx      context.Context //nolint:containedctx // of the caller, who waits
	messages []batchMessage
	marker   batchMessage
	last     uint64 // expected behind the marker's subject
	bytes    int

	turn   chan struct{} // closed when it is this one's to send the next batch
	done   chan struct{} // closed when stored and err are known
	stored uint64        // sequence of the marker
	err    error
}

type batchMessage struct {
	subject string
	header  map[string]string
	data    []byte
}

// group is what waits for a stream.
type group struct {
	js     natsjs.JetStream
	stream string

	mu      sync.Mutex
	sending bool
	waiting []*publication
}

// publish stores a publication, alone or with others, and returns the sequence
// of its marker.
func (g *group) publish(p *publication) (uint64, error) {
	p.turn, p.done = make(chan struct{}), make(chan struct{})
	for i := range p.messages {
		p.bytes += len(p.messages[i].data)
	}
	g.mu.Lock()
	g.waiting = append(g.waiting, p)
	if !g.sending {
		g.sending = true
		close(p.turn)
	}
	g.mu.Unlock()

	select {
	case <-p.turn:
		g.send()
	case <-p.done:
	case <-p.ctx.Done():
		if g.leave(p) {
			return 0, fmt.Errorf("stream %s: nothing was sent: %w", g.stream, context.Cause(p.ctx))
		}
		select {
		case <-p.turn: // it came as the caller gave up
			g.send()
		case <-p.done: // soon: a sending ends where all whose publications are in it give up
		}
	}

	return p.stored, p.err
}

// leave takes a publication off those that wait; false where it is being sent.
func (g *group) leave(p *publication) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-p.turn:
		return false
	default:
	}
	for i := range g.waiting {
		if g.waiting[i] == p {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)

			return true
		}
	}

	return false
}

// send sends a batch of those that wait longest, and gives the turn to the next.
// The caller's publication is the first of them.
func (g *group) send() {
	g.mu.Lock()
	members := g.waiting[:fitting(g.waiting)]
	g.waiting = append([]*publication(nil), g.waiting[len(members):]...)
	g.mu.Unlock()

	g.store(members)
	g.mu.Lock()
	if g.sending = len(g.waiting) > 0; g.sending {
		close(g.waiting[0].turn)
	}
	g.mu.Unlock()
	for _, p := range members {
		close(p.done)
	}
}

// fitting is how many of the publications share a batch, at least one.
func fitting(waiting []*publication) int {
	messages, bytes := 0, 0
	for n, p := range waiting {
		messages, bytes = messages+len(p.messages)+1, bytes+p.bytes
		if n > 0 && (messages > MaxBatch || bytes > groupBytes) {
			return n
		}
	}

	return len(waiting)
}

// store sends publications together, and each alone where the server refuses
// that: one of them is fenced, and it does not say which.
func (g *group) store(members []*publication) {
	err := g.together(members)
	if err == nil || len(members) == 1 || errors.Is(err, ErrUnknownOutcome) {
		for _, p := range members {
			p.err = err
		}

		return
	}
	for _, p := range members {
		p.err = g.together([]*publication{p})
	}
}

// together sends one batch. It ends early where nobody waits for it any more.
func (g *group) together(members []*publication) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(members[0].ctx), publishTimeout)
	defer cancel()
	defer onAllGone(members, cancel)()

	stored, err := g.attempt(ctx, members, false)
	if incomplete(err) {
		// The server dropped the batch before its end: it changed its leader,
		// or too many batches are open. Once more, and with the first answer.
		stored, err = g.attempt(ctx, members, true)
	}
	if err != nil {
		return err
	}
	for i := len(members) - 1; i >= 0; i-- { // a batch is stored without a gap
		members[i].stored = stored
		stored -= uint64(len(members[i].messages) + 1)
	}

	return nil
}

// onAllGone calls cancel once all members have given up, unless it is stopped
// before.
func onAllGone(members []*publication, cancel func()) (stop func()) {
	var gone atomic.Int32
	stops := make([]func() bool, len(members))
	for i, p := range members {
		stops[i] = context.AfterFunc(p.ctx, func() {
			if gone.Add(1) == int32(len(members)) {
				cancel()
			}
		})
	}

	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

// attempt sends the messages, each publication's marker behind them, and returns
// the sequence of the last one.
func (g *group) attempt(ctx context.Context, members []*publication, first bool) (uint64, error) {
	b := newBatch(g.js, g.stream, first)
	for i, p := range members {
		for n := range p.messages {
			m := &p.messages[n]
			if err := b.add(ctx, m.subject, m.header, m.data); err != nil {
				return 0, err
			}
		}
		if i == len(members)-1 {
			return b.commit(ctx, p.marker.subject, p.marker.data, p.last)
		}
		guard := map[string]string{natsjs.ExpectedLastSubjSeqHeader: strconv.FormatUint(p.last, 10)}
		if err := b.add(ctx, p.marker.subject, guard, p.marker.data); err != nil {
			return 0, err
		}
	}

	return 0, nil // nobody publishes
}
