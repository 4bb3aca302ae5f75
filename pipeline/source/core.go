package source

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
)

// Core subjects are best effort, each message counts at most once: nobody keeps them for
// ebb. What is published while no ebb hears it, because none runs or its connection to the
// server of the subjects is away, is gone, and nobody knows how much that was. While ebb's
// own server is away, messages wait here, and those beyond coreWaiting are lost and
// counted.

// Bounds of core messages that wait to be stored.
const (
	coreWaiting = 8192
	coreEvery   = 50 * time.Millisecond
)

// followCore takes core messages.
func (f *feed) followCore(ctx context.Context) (moved bool, err error) {
	cursor, known, err := f.writer.Cursor(ctx)
	if err != nil {
		return false, err
	}
	if !known {
		cursor = jetstream.SourceCursor{Stream: "core " + f.spec.Place(), Created: time.Now().UnixMilli()}
	}
	core, err := jetstream.HearCore(ctx, f.js, f.spec.Subjects, coreWaiting)
	if err != nil {
		return false, err
	}
	defer core.Close()
	lost := cursor.Lost
	f.is(Live)
	f.at(&cursor, 0, 0)
	p := &publishing{feed: f, cursor: cursor, again: true}
	if known {
		p.kept = cursor
	}
	every := time.NewTicker(coreEvery)
	defer every.Stop()
	for {
		select {
		case m := <-core.Messages:
			if err := p.takeCore(ctx, m); err != nil {
				return moved, f.endCore(core, err)
			}
		case <-every.C:
			if dropped := lost + core.Dropped(); dropped > p.cursor.Lost {
				p.cursor.Lost, p.moved = dropped, true
			}
			moved = moved || p.moved
			if err := p.store(ctx); err != nil {
				return moved, f.endCore(core, err)
			}
			f.at(&p.cursor, uint64(len(core.Messages)), p.cursor.Stored)
			f.hears()
		case <-ctx.Done():
			return moved, errors.Join(ctx.Err(), p.storeLast(ctx))
		}
	}
}

// hears shows whether the server of the subjects is reached.
func (f *feed) hears() {
	conn := f.js.Conn()
	if conn.IsConnected() {
		f.is(Live)

		return
	}
	f.failed(fmt.Errorf("the server of %s is not reached: what is published there meanwhile is gone", f.spec.Place()))
}

// endCore leaves what waits to whoever has moved the cursor: they have heard it too.
func (f *feed) endCore(core *jetstream.Core, err error) error {
	for jetstream.SourceFenced(err) && len(core.Messages) > 0 {
		<-core.Messages
	}

	return err
}

// takeCore is take for a message that has no sequence but the one that counts it.
func (p *publishing) takeCore(ctx context.Context, m *nats.Msg) error {
	now := time.Now().UnixMilli()
	for _, read := range p.feed.reader.Read(&Message{ID: nuid.Next(), Stored: now, Header: m.Header, Data: m.Data}) {
		if err := p.add(ctx, &read); err != nil {
			return err
		}
	}
	p.cursor.Sequence, p.cursor.Stored, p.moved = p.cursor.Sequence+1, now, true

	return nil
}

// storeAgain stores what nobody could bring again, however long ebb's own server is away.
// It ends with an error where another has moved the cursor, or ctx ends.
func (p *publishing) storeAgain(ctx context.Context) error {
	for pauses := retries(); ; rest(ctx, pauses.NextBackOff()) {
		err := p.feed.writer.Store(ctx, p.events, p.cursor)
		if err == nil {
			p.kept = p.cursor

			return nil
		}
		p.feed.failed(err)
		at, known := p.stands(ctx, pauses)
		switch {
		case !known:
			return err
		case at == p.cursor: // nobody said so, but it is stored
			p.kept = at

			return nil
		case at != p.kept:
			return fmt.Errorf("source %s: %w (%w)", p.feed.spec.Name, own.ErrFenced, err)
		}
	}
}

// stands asks for the cursor until somebody answers; false where ctx ends before.
func (p *publishing) stands(ctx context.Context, pauses *backoff.ExponentialBackOff) (jetstream.SourceCursor, bool) {
	for ctx.Err() == nil {
		at, _, err := p.feed.writer.Cursor(ctx)
		if err == nil {
			return at, true
		}
		rest(ctx, pauses.NextBackOff())
	}

	return jetstream.SourceCursor{}, false
}

// storeLast stores what has come though ctx has ended: nobody could bring it again.
func (p *publishing) storeLast(ctx context.Context) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()

	return p.store(ending)
}
