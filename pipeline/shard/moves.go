package shard

import (
	"encoding/binary"
	"slices"
	"strconv"

	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// This file counts who has joined once: not as an anonymous customer any more, but as the
// known one, in all windows that are not final, and in the model, which goes on with the
// history of both. It takes two steps, one in each partition, and a record between them;
// see joins.go for the first half of the road:
//
//  4. With the record of the join the anonymous customer leaves the windows that end
//     behind the watermark there. Their events stay: sums over partitions are right
//     wherever an event counts. Where they were active, and their history, goes with the
//     cut to come as a record into the partition of the known one, and so does what is
//     kept of them for metrics, as far as it moves: see metric.StateColumn.Merge.
//  5. From that record on, the known one counts where the anonymous one was active, in
//     the windows that end behind the watermark of their own partition, and has done what
//     the anonymous one did; see churn.Model.Merge. Their level is looked at anew. Metrics
//     that ask what a customer was before, and censuses, see both from there on.
//
// What is final stays. So nothing counts twice from there on, and a window that becomes
// final between the two records, a second or so, counts them in neither. Nor does any where
// the clock of the other partition is ahead, as between NATS servers whose clocks are apart,
// or for a while behind a longer lateness. A record that comes again changes nothing: which
// were taken is remembered.
//
// What comes later under the anonymous id alone moves event by event: follow.

// moveOut takes an anonymous customer out of the model and the windows, and tells what
// they did, by the record of the join.
func (s *Shard) moveOut(index uint32, join *fact.JoinMark) {
	state := s.customers.state(index)
	mark := fact.MoveMark{
		Customer: join.Customer, Partition: s.partition, Sequence: s.sequence, Time: join.Time, Final: s.watermark(),
		History: s.detector.model.Tell(state, s.vocabulary.ChannelNames[state.Channel()]),
		Columns: s.customers.takeOut(index),
	}
	s.members.join(index, mark.Customer)
	mark.Traces = s.rollups.leave(index, s.customers.At(index), mark.Final)
	s.tellMove(&mark)
}

// tellMove tells a move with the cut to come, and what its columns call channels.
func (s *Shard) tellMove(mark *fact.MoveMark) {
	if slices.ContainsFunc(mark.Columns, func(c fact.Column) bool { return c.Name == metric.ChannelsColumn }) {
		mark.Channels = slices.Clone(s.vocabulary.ChannelNames)
	}
	s.out.addMove(mark)
}

// follow has an event under an anonymous id alone follow who was there under both ids
// last: it counts no anonymous customer in windows, and the record of a move tells it. What
// metrics keep of the anonymous one stays: to them, who did it goes on from event to event.
func (s *Shard) follow(record *event.Record, class *vocabulary.Class, late bool) {
	ev := &s.events.event
	if record.Lane != event.LaneEvent || class.Machine || !s.joins.isJoined(ev.Customer) {
		return
	}
	home, _ := s.joins.joined.Get(ev.Customer)
	index, known := s.members.find(ev.Customer)
	if home == nowhere || !known {
		return
	}
	var alone churn.State
	mark := fact.MoveMark{
		Anonymous: string(ev.Customer[len(event.AnonymousPrefix):]), Home: int(home),
		Partition: s.partition, Sequence: record.Sequence, Late: late, Time: ev.Time, Final: s.watermark(),
	}
	if late {
		s.detector.model.ObserveLate(&alone, s.detector.believed)
	} else {
		s.detector.model.Observe(&alone, s.detector.believed)
		mark.Traces = s.rollups.leave(index, s.customers.At(index), mark.Final)
		mark.Columns = s.customers.alone(&s.rollups.measuring)
	}
	mark.History = s.detector.model.Tell(&alone, s.vocabulary.ChannelNames[alone.Channel()])
	s.tellMove(&mark)
}

// leave takes an anonymous customer out of the windows that end after a time, and tells
// where they were.
func (r *rollups) leave(index uint32, who *customers.Customer, final int64) (traces []fact.Trace) {
	for key := range windows.Key(customers.DistinctKeys) {
		if trace, ok := r.windows.Leave(key, index, &who.Activity[key], final); ok {
			traces = append(traces, tellTrace(movingKeys[key], &trace))
		}
	}

	return traces
}

// come counts a customer where a record says that they were active.
func (r *rollups) come(index uint32, who *customers.Customer, traces map[windows.Key]*windows.Trace) {
	for key := range windows.Key(customers.DistinctKeys) {
		if trace := traces[key]; trace != nil {
			r.windows.Come(key, index, &who.Activity[key], trace, r.at.watermark())
		}
	}
}

// move takes the record that says where somebody was active before they were known.
func (s *Shard) move(record *event.Record) error {
	var mark fact.MoveMark
	if record.Lane != event.LaneControl {
		return refuseUnreadableControl("Ebb-Control", record.Control.String()+" on a lane of history", "live events join customers, by themselves")
	}
	if err := readMark(record, &mark); err != nil {
		return err
	}
	customer, home := []byte(mark.Customer), mark.Home
	if mark.Customer == "" {
		customer = []byte(event.AnonymousPrefix + mark.Anonymous)
	} else {
		home = event.PartitionOf(customer, s.config.Partitions)
	}
	if err := event.CheckSomebody(string(customer)); err != nil {
		return refuseUnreadableControl("customer", "", err.Error())
	}
	if home != s.partition {
		return refuseMisrouted(customer, s.partition, home)
	}
	traces, err := readTraces(mark.Traces, s.clock+s.skew)
	if err != nil {
		return err
	}
	history, err := s.readHistory(&mark)
	if err != nil {
		return err
	}
	if s.forgets.stones.Cover(s.forgets.hasher, customer, mark.Time) {
		s.forgets.withhold(record)

		return nil
	}
	origin := originOf(&mark)
	if s.joins.merged.Has(origin) {
		return nil
	}
	s.joins.merged.Add(origin)
	index, known := s.moved(&mark)
	if !known {
		return nil
	}
	if mark.Final <= s.watermark() { // else the other partition is ahead: there windows are final that are not here
		s.rollups.come(index, s.customers.At(index), traces)
	}
	s.goOn(index, &mark, history)

	return nil
}

// goOn gives a customer what the model and metrics know of them from a record of a move.
func (s *Shard) goOn(index uint32, mark *fact.MoveMark, history *churn.State) {
	at := mark.Time
	switch {
	case mark.Customer != "":
		s.counts.Merged++
	case mark.Late:
		at = churn.HeardLate
		s.counts.Followed++
	default:
		at = churn.AlreadyKnown
		s.counts.Followed++
	}
	if history != nil {
		s.detector.merge(index, history, at)
	}
	s.customers.bringIn(index, mark.Columns, func(number uint8) uint8 { return s.channelOf(mark, number) })
}

// moved is the customer whom a record of a move is of.
func (s *Shard) moved(mark *fact.MoveMark) (index uint32, known bool) {
	if mark.Customer == "" {
		return s.lastOf([]byte(mark.Anonymous))
	}

	return s.members.find([]byte(mark.Customer))
}

// originOf names the record of the join that a move follows from, or of the event.
func originOf(mark *fact.MoveMark) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(mark.Partition)), mark.Sequence)
}

// readHistory reads the history of the anonymous one; nil where there is none. Nothing
// may lie ahead of the clock by more than events may.
func (s *Shard) readHistory(mark *fact.MoveMark) (*churn.State, error) {
	told := mark.History
	if told == nil {
		return nil, nil
	}
	if told.Newest > s.clock+s.skew {
		return nil, refuseUnreadableControl("history.newest", strconv.FormatInt(told.Newest, 10), "it lies ahead of the clock by more than events may")
	}
	history, err := s.detector.model.Read(told, s.channelCalled(told.Channel), s.clock)
	if err != nil {
		return nil, refuseUnreadableControl("history", "", err.Error())
	}

	return &history, nil
}

// channelOf is the number of a channel that columns of another partition call by theirs.
func (s *Shard) channelOf(mark *fact.MoveMark, number uint8) uint8 {
	if int(number) < len(mark.Channels) {
		return s.channelCalled(mark.Channels[number])
	}

	return s.channelCalled(vocabulary.ChannelOther)
}

// channelCalled is the number of a channel of another partition; of other, where this one
// does not know it.
func (s *Shard) channelCalled(name string) uint8 {
	channel := slices.Index(s.vocabulary.ChannelNames, name)
	if channel < 0 {
		channel = slices.Index(s.vocabulary.ChannelNames, vocabulary.ChannelOther)
	}

	return uint8(channel)
}
