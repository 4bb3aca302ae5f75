package source

import (
	"context"
	"errors"
	"time"

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

	again bool                   // nobody could bring them again: they are stored however long that takes
	kept  jetstream.SourceCursor // with again: the last one that is stored
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
	var err error
	if p.again {
		err = p.storeAgain(ctx)
	} else {
		err = p.feed.writer.Store(ctx, p.events, p.cursor)
	}
	p.events, p.bytes, p.moved = p.events[:0], 0, false

	return err
}
