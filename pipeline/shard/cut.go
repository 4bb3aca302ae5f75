package shard

import (
	"errors"
	"fmt"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/wire"
)

// Cut is a place in a partition's input where its shard hands its outputs
// over. Where the cuts lie depends on the input alone, never on where an owner
// happened to stop: so a replay makes the same cuts with the same outputs.
// Nothing is pending right after a cut, so snapshots are taken there.
type Cut struct {
	Partition int
	Number    uint64 // from 1
	Sequence  uint64 // of the last record before the cut: the version of its rows
	Clock     int64  // Unix ms
	Outputs   [Streams][]Message
	Counts    Counts // of the shard up to here

	// Part says that the outputs are some of those that the record after
	// Sequence, or the cut to come, brings about: too many to wait in memory for
	// the rest. The shard is in the middle of its work, so no cursor moves to a
	// part and no snapshot is taken at one.
	Part bool

	Changes []wire.FeedRow // of the feed; they stand in the outputs too
	Feed    FeedState
	Leap    StoreLeap
	Loss    Loss

	Config meaning.Force // under which all of it was made
}

// cutBefore says whether live outputs are due before the record is taken, and
// at which clock: at the start of the new cut interval, so that a window is
// emitted as soon as any record shows that its end has passed.
func (s *Shard) cutBefore(record *event.Record, now int64) (int64, bool) {
	if s.sequence == 0 || s.imported.open || record.Lane == event.LaneHistory {
		return 0, false
	}
	interval := s.config.CutInterval.Milliseconds()
	start := now - now%interval

	return max(start, s.clock), s.clock < start
}

// cutBytes is about how much may wait in memory for the next cut. Most of it
// follows the input's size, but one record may bring about a signal for every
// customer: the end of a silence, new parameters, the first one after a long
// time. Those go out in parts.
const cutBytes = 16 << 20

// cutAfter says whether outputs are due once the record is taken: at an
// import's ticks and marks, and always after so many records or bytes. What the
// coordinator answers is followed by a tick anyway.
func (s *Shard) cutAfter(record *event.Record) bool {
	if record.Lane == event.LaneHistory {
		switch record.Control {
		case event.ControlNone, event.ControlModel, event.ControlAlerts:
		default:
			return true
		}
	}

	return s.sinceCut >= s.config.CutRecords || s.out.bytes >= cutBytes
}

// cut gathers all outputs since the last one.
func (s *Shard) cut(emit func(*Cut)) error {
	s.sinceCut, s.ticked = 0, 0
	s.emitWindows()
	s.emitFigures()
	s.reportLive()
	s.expireIdentities()
	if refused := s.windows.Refused(); refused > 0 {
		return fmt.Errorf("the windows refused %d events that the shard had accepted", refused)
	}
	changes := s.out.feed
	if s.failed != nil {
		return s.failed
	}
	messages, err := s.out.take(s.sequence)
	if err != nil {
		return err
	}
	s.cuts++ // only now: its windows may have gone out in parts with numbers of their own
	emit(&Cut{
		Partition: s.partition,
		Number:    s.cuts,
		Sequence:  s.sequence,
		Clock:     s.clock,
		Outputs:   messages,
		Counts:    s.counts,
		Changes:   changes,
		Feed:      s.FeedState(),
		Loss:      s.loss(),
		Leap:      s.heldLeap(),
		Config:    s.Force(),
	})

	return nil
}

// relieve hands a part of the outputs over if too much is pending. It is called
// where one record may queue without end.
func (s *Shard) relieve() {
	if s.out.bytes < cutBytes || s.emit == nil {
		return
	}
	packers := s.out.packers
	changes := s.out.feed
	messages, err := s.out.take(s.sequence)
	s.out.packers = packers
	if err != nil {
		s.failed = errors.Join(s.failed, err)

		return
	}
	s.cuts++
	s.emit(&Cut{
		Partition: s.partition,
		Number:    s.cuts,
		Sequence:  s.sequence,
		Clock:     s.clock,
		Outputs:   messages,
		Counts:    s.counts,
		Part:      true,
		Changes:   changes,
		Feed:      s.FeedState(),
	})
}
