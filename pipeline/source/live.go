package source

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nuid"

	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
)

// blockedPause is how often it is looked whether a blocked source can go on.
const blockedPause = 30 * time.Second

// live takes what comes until ctx ends. errAgain: the source has history.
func (f *feed) live(ctx context.Context) error {
	pauses := retries()
	for {
		moved, err := f.follow(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was told to end
		case errors.Is(err, errAgain):
			return err
		case errors.Is(err, errBlocked):
			rest(ctx, blockedPause)

			continue
		case moved:
			pauses.Reset()
		}
		f.failed(err)
		f.config.Log.Warn("a source can't be read, and is tried again", "source", f.spec.Name, "error", err)
		rest(ctx, pauses.NextBackOff())
	}
}

// follow reads from where the source stands. It reports whether anything came, and ends
// with an error.
func (f *feed) follow(ctx context.Context) (moved bool, err error) {
	if err := f.connect(ctx); err != nil {
		return false, err
	}
	if f.spec.Core {
		return f.followCore(ctx)
	}
	b, err := f.begin(ctx, nil)
	switch {
	case err != nil:
		return false, err
	case b == nil:
		return false, errBlocked
	case b.history:
		return false, errAgain
	}
	f.is(Live)
	p := &publishing{feed: f, cursor: b.cursor}
	follow := jetstream.OpenForeign(f.js, f.spec.Stream, b.cursor.Sequence+1, f.spec.Subjects...)
	defer follow.Close()
	for {
		messages, err := follow.Next(ctx)
		if err != nil {
			return moved, err
		}
		for i := range messages {
			if err := p.take(ctx, &messages[i]); err != nil {
				return moved, err
			}
		}
		if err := p.store(ctx); err != nil {
			return moved, err
		}
		last := &messages[len(messages)-1]
		moved = true
		f.at(&p.cursor, last.Pending, last.Stored)
	}
}

// publishing gathers events until a batch is full.
type publishing struct {
	feed   *feed
	cursor jetstream.SourceCursor
	events []jetstream.SourceEvent
	bytes  int
	moved  bool // the cursor has, since it was stored
}

func (p *publishing) take(ctx context.Context, m *jetstream.ForeignMessage) error {
	skip := p.cursor.Items
	for item, read := range p.feed.reader.Read(message(m)) {
		if item < skip {
			continue
		}
		if err := p.add(ctx, &read); err != nil {
			return err
		}
		p.cursor.Items = item + 1
	}
	p.cursor.Sequence, p.cursor.Items, p.cursor.Stored, p.moved = m.Sequence, 0, m.Stored, true

	return nil
}

func (p *publishing) add(ctx context.Context, read *Read) error {
	if len(p.events) == jetstream.MaxSourceEvents || len(p.events) > 0 && p.bytes+len(read.Body) > jetstream.MaxSourceBytes {
		if err := p.store(ctx); err != nil {
			return err
		}
	}
	token := jetstream.RefusedToken(p.feed.spec.Name)
	if read.Refused == nil {
		token = event.Token(read.Customer)
	}
	p.events = append(p.events, jetstream.SourceEvent{Token: token, Body: read.Body})
	p.bytes += len(read.Body)
	p.moved = true
	count(&p.cursor, read)

	return nil
}

func (p *publishing) store(ctx context.Context) error {
	if !p.moved {
		return nil
	}
	err := p.feed.writer.Store(ctx, p.events, p.cursor)
	p.events, p.bytes, p.moved = p.events[:0], 0, false

	return err
}

// storeLast stores what has come though ctx has ended: nobody could bring it again.
func (p *publishing) storeLast(ctx context.Context) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()

	return p.store(ending)
}

// Bounds of core messages that wait to be stored.
const (
	coreWaiting = 8192
	coreEvery   = 50 * time.Millisecond
)

// followCore takes core messages: best effort.
func (f *feed) followCore(ctx context.Context) (moved bool, err error) {
	cursor, known, err := f.writer.Cursor(ctx)
	if err != nil {
		return false, err
	}
	if !known {
		cursor = jetstream.SourceCursor{Stream: "core " + f.spec.Place(), Created: time.Now().UnixMilli()}
	}
	core, err := jetstream.HearCore(f.js, f.spec.Subjects, coreWaiting)
	if err != nil {
		return false, err
	}
	defer core.Close()
	f.is(Live)
	f.at(&cursor, 0, 0)
	p := &publishing{feed: f, cursor: cursor}
	every := time.NewTicker(coreEvery)
	defer every.Stop()
	for {
		select {
		case m := <-core.Messages:
			taken := &jetstream.ForeignMessage{Sequence: p.cursor.Sequence + 1, Stored: time.Now().UnixMilli(), Header: m.Header, Data: m.Data}
			if err := p.takeCore(ctx, taken); err != nil {
				return moved, err
			}
		case <-every.C:
			moved = moved || p.moved
			if err := p.store(ctx); err != nil {
				return moved, err
			}
			f.at(&p.cursor, uint64(len(core.Messages)), p.cursor.Stored)
		case <-ctx.Done():
			return moved, errors.Join(ctx.Err(), p.storeLast(ctx))
		}
	}
}

// takeCore is take for a message that has no sequence but the one that counts it.
func (p *publishing) takeCore(ctx context.Context, m *jetstream.ForeignMessage) error {
	for _, read := range p.feed.reader.Read(&Message{ID: nuid.Next(), Stored: m.Stored, Header: m.Header, Data: m.Data}) {
		if err := p.add(ctx, &read); err != nil {
			return err
		}
	}
	p.cursor.Sequence, p.cursor.Stored, p.moved = m.Sequence, m.Stored, true

	return nil
}
