package pipeline

import (
	"fmt"

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

	Changes []wire.FeedRow // of the feed; they stand in the outputs too
	Feed    FeedState
	Leap    StoreLeap
}

// cutBefore says whether live outputs are due before the record is taken, and
// at which clock: at the start of the new cut interval, so that a window is
// emitted as soon as any record shows that its end has passed.
func (s *Shard) cutBefore(record *Record, now int64) (int64, bool) {
	if s.sequence == 0 || s.imported.open || record.Lane == LaneHistory {
		return 0, false
	}
	interval := s.config.CutInterval.Milliseconds()
	start := now - now%interval

	return max(start, s.clock), s.clock < start
}

// cutBytes is how much of the input may wait in memory for the next cut, as
// dead letters and late events.
const cutBytes = 16 << 20

// cutAfter says whether outputs are due once the record is taken: at an
// import's ticks and marks, and always after so many records or bytes.
func (s *Shard) cutAfter(record *Record) bool {
	if record.Lane == LaneHistory && record.Control != ControlNone {
		return true
	}

	return s.sinceCut >= s.config.CutRecords || s.out.bytes >= cutBytes
}

// cut gathers all outputs since the last one.
func (s *Shard) cut(emit func(*Cut)) error {
	s.cuts++
	s.sinceCut = 0
	s.emitWindows()
	s.emitFigures()
	s.reportLive()
	s.ring.Expire(s.clock)
	if refused := s.windows.Refused(); refused > 0 {
		return fmt.Errorf("the windows refused %d events that the shard had accepted", refused)
	}
	changes := s.out.feed
	messages, err := s.out.take(s.sequence)
	if err != nil {
		return err
	}
	emit(&Cut{
		Partition: s.partition,
		Number:    s.cuts,
		Sequence:  s.sequence,
		Clock:     s.clock,
		Outputs:   messages,
		Counts:    s.counts,
		Changes:   changes,
		Feed:      s.FeedState(),
		Leap:      s.StoreLeap(),
	})

	return nil
}
