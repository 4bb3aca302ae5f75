package deliver

import (
	"context"
	"errors"

	"ebb/sinks"
)

// separator writes messages that a sink refuses as a whole: those of their rows
// that it takes, and tells the messages of the others.
type separator struct {
	kind   Stream
	write  func(ctx context.Context, rows *sinks.Batch, first uint64) error // an ErrRefused, or the end
	refuse func(ctx context.Context, m *message, cause error) error
}

// separate writes messages. Rows that no sink keeps are told without asking one;
// those that this sink refuses are found by halving the messages until the bad
// ones stand alone.
func (s *separator) separate(ctx context.Context, messages []*message) error {
	if len(messages) == 0 {
		return nil
	}
	rows, refused := s.sift(messages)
	err := s.write(ctx, rows, messages[0].Sequence)
	switch {
	case err == nil:
		for _, r := range refused {
			if err := s.refuse(ctx, r.message, r.err); err != nil {
				return err
			}
		}

		return nil
	case !errors.Is(err, sinks.ErrRefused):
		return err
	case len(messages) == 1:
		return s.salvage(ctx, messages[0], rows)
	}
	middle := len(messages) / 2
	for _, half := range [][]*message{messages[:middle], messages[middle:]} {
		if err := s.separate(ctx, half); err != nil {
			return err
		}
	}

	return nil
}

// sift decodes the messages without the rows that no sink keeps, and says whose
// these are.
func (s *separator) sift(messages []*message) (rows *sinks.Batch, refused []refusal) {
	rows = &sinks.Batch{}
	for _, m := range messages {
		alone := &sinks.Batch{}
		_ = decode(s.kind, alone, m) // it decoded before, so it does now
		if err := alone.Check(); err != nil {
			refused = append(refused, refusal{m, err})
		}
		_ = decode(s.kind, rows, m)
	}
	_ = rows.Sift() // the reasons are known

	return rows, refused
}

// salvage writes those of the rows of one message that the sink takes, and
// tells the message for the others.
func (s *separator) salvage(ctx context.Context, m *message, rows *sinks.Batch) error {
	cause, err := s.writeTaken(ctx, m, rows)
	if err != nil || cause == nil {
		return err
	}

	return s.refuse(ctx, m, cause)
}

// writeTaken writes the rows that the sink takes. It returns why it refuses
// one of the others, and an error when writing ends.
func (s *separator) writeTaken(ctx context.Context, m *message, rows *sinks.Batch) (refused, err error) {
	err = s.write(ctx, rows, m.Sequence)
	if !errors.Is(err, sinks.ErrRefused) {
		return nil, err
	}
	if rows.Rows() == 1 {
		return err, nil
	}
	first, second := rows.Halves()
	for _, half := range []*sinks.Batch{first, second} {
		cause, err := s.writeTaken(ctx, m, half)
		if err != nil {
			return nil, err
		}
		if cause != nil {
			refused = cause
		}
	}

	return refused, nil
}
