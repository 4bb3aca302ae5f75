package jetstream

import (
	"context"
	"errors"
)

// search looks for ebb's own last message of a subject on which others may have
// published.
type search struct {
	leader  leader
	subject string

	// own says whether a message is ebb's, and, where chained, the sequence of
	// the message before it on the subject: a copy of an older one has another
	// before it.
	own     func(message *stored) (after uint64, ok bool)
	chained bool
}

// latest is what a search found.
type latest struct {
	stored        // ebb's own last message; Sequence is 0 where there is none
	fence  uint64 // sequence of the subject's last message, whoever sent it
}

func (l *latest) own() bool { return l.Sequence > 0 }

// strange says that a stranger's message is the last of the subject.
func (l *latest) strange() bool { return l.fence > l.Sequence }

// last finds the message. known is the sequence of one that is ebb's, from
// which on it need look; 0 where none is known.
func (s search) last(ctx context.Context, known uint64) (latest, error) {
	newest, err := s.leader.last(ctx, s.subject)
	if errors.Is(err, errNotFound) {
		return latest{}, nil
	}
	if err != nil {
		return latest{}, err
	}
	found := latest{fence: newest.Sequence}
	if newest.Sequence == known {
		found.stored = newest
		return found, nil
	}
	if ok, err := s.genuine(ctx, &newest, known); ok || err != nil {
		found.stored = newest
		return found, err
	}

	// A stranger's is the last. From the one that is known there are few.
	if known > 0 {
		if found.stored, _, err = s.walk(ctx, known, newest.Sequence, known); err != nil || found.own() {
			return found, err
		}
	}
	for span := uint64(firstSpan); ; span *= 4 {
		from := newest.Sequence - min(span, newest.Sequence-1)
		own, first, err := s.walk(ctx, from, newest.Sequence, 0)
		// The first of a span has nothing before it to compare with.
		if done := own.Sequence > first || from == 1; done || err != nil {
			found.stored = own
			return found, err
		}
	}
}

// firstSpan is how far before the subject's end the search begins.
const firstSpan = 256

// genuine reports whether the newest message is ebb's: it carries the seal, and
// nothing came between it and the one that it names as the one before.
func (s search) genuine(ctx context.Context, newest *stored, known uint64) (bool, error) {
	after, ok := s.own(newest)
	if !ok || !s.chained || known > 0 && after == known {
		return ok, nil
	}
	next, err := s.leader.next(ctx, s.subject, after+1)
	if err != nil {
		return false, err
	}

	return next.Sequence == newest.Sequence, nil
}

// walk reads the subject from a sequence to another and returns the last own
// message, and the sequence of the first message of all. The one at known is
// own without a look.
func (s search) walk(ctx context.Context, from, to, known uint64) (own stored, first uint64, err error) {
	for sequence, before := from, uint64(0); sequence <= to; {
		message, err := s.leader.next(ctx, s.subject, sequence)
		if errors.Is(err, errNotFound) {
			break // removed meanwhile
		}
		if err != nil {
			return stored{}, 0, err
		}
		if first == 0 {
			first = message.Sequence
		}
		after, ok := s.own(&message)
		if chain := !s.chained || before == 0 || after == before; ok && chain || message.Sequence == known {
			own = message
		}
		before, sequence = message.Sequence, message.Sequence+1
	}

	return own, first, nil
}
