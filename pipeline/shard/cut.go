package shard

import (
	"errors"

	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
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

	// Asks says that it is a cut at which an import asks the coordinator: others
	// follow soon.
	Asks bool

	// Joins are control records for the partitions of anonymous customers. They are to
	// be stored before the outputs.
	Joins []fact.JoinMark

	// Moves are such records for those of known ones.
	Moves []fact.MoveMark

	Changes []wire.FeedRow // of the feed; they stand in the outputs too
	Feed    FeedState
	Leap    clock.Leap
	Loss    Loss

	Config meaning.Force // under which all of it was made
}

// cutter says where the cuts lie, and hands the outputs over at each.
type cutter struct {
	since   int // records since the last cut, each row one
	ticked  int // ticks among them, as far as that is known
	emit    func(*Cut)
	failed  error // of a part; the next cut gives it back
	every   int64 // ms; the live interval
	records int   // at most, between two cuts

	at     *place
	counts *Counts
	feed   *feed
	out    *outputs
}

// reconfigure goes on with other bounds.
func (c *cutter) reconfigure(config *meaning.Config) {
	c.every, c.records = config.CutInterval.Milliseconds(), config.CutRecords
}

// count counts a record or row.
func (c *cutter) count(record *event.Record) {
	c.since++
	if record.Control == event.ControlTick {
		c.ticked++
	}
}

// before says whether live outputs are due before the record is taken, and
// at which clock: at the start of the new cut interval, so that a window is
// emitted as soon as any record shows that its end has passed.
func (c *cutter) before(record *event.Record, now int64) (int64, bool) {
	if c.at.sequence == 0 || c.at.imported.open || record.Lane == event.LaneHistory {
		return 0, false
	}
	start := now - now%c.every

	return max(start, c.at.clock), c.at.clock < start
}

// cutBytes is about how much may wait in memory for the next cut. Most of it
// follows the input's size, but one record may bring about a signal for every
// customer: the end of a silence, new parameters, the first one after a long
// time. Those go out in parts.
const cutBytes = 16 << 20

// after says whether outputs are due once the record is taken: at an
// import's ticks and marks, and always after so many records or bytes. What the
// coordinator answers is followed by a tick anyway.
func (c *cutter) after(record *event.Record) bool {
	if record.Control == event.ControlForget {
		return true // what was said of the customer goes out before it is erased, and a snapshot can follow
	}
	if record.Lane == event.LaneHistory {
		switch record.Control {
		case event.ControlNone, event.ControlModel, event.ControlAlerts:
		default:
			return true
		}
	}

	return c.since >= c.records || c.out.bytes >= cutBytes
}

// take takes all outputs since the last cut for the next one, or for a part of it.
func (c *cutter) take() (*Cut, error) {
	changes, joins, moves := c.out.feed, c.out.joins, c.out.moves
	messages, err := c.out.take(c.at.sequence)
	if err != nil {
		return nil, err
	}
	c.at.cuts++

	return &Cut{
		Partition: c.at.partition,
		Number:    c.at.cuts,
		Sequence:  c.at.sequence,
		Clock:     c.at.clock,
		Outputs:   messages,
		Counts:    *c.counts,
		Asks:      c.at.imported.open && len(messages[Statistics]) > 0,
		Joins:     joins,
		Moves:     moves,
		Changes:   changes,
		Feed:      c.feed.state(),
	}, nil
}

// relieve hands a part of the outputs over if too much is pending. It is called
// where one record may queue without end.
func (c *cutter) relieve() {
	if c.out.bytes >= cutBytes && c.emit != nil {
		c.part()
	}
}

// part hands over what is pending.
func (c *cutter) part() {
	packers := c.out.packers
	part, err := c.take()
	c.out.packers = packers
	if err != nil {
		c.failed = errors.Join(c.failed, err)

		return
	}
	part.Part = true
	c.emit(part)
}
