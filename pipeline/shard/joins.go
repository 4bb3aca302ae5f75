package shard

import (
	"bytes"
	"math"

	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/vocabulary"
	"ebb/windows/codec"
)

// This file joins anonymous customers to known ones, over partitions. The road of a
// join:
//
//  1. A live event holds both ids. It counts for the known customer, whose shard tells
//     the pair with the cut to come: see report.
//  2. The owner stores it as a control record in the partition of the anonymous one,
//     before anything else of the cut. So where outputs of the cut are stored, the
//     record is, and where they are not, a crash repeats it: it may stand there twice,
//     and never not at all.
//  3. The shard of the anonymous one takes it, see join. From its position on the
//     anonymous customer is out of levels, timers, alerts and the sample: nobody says
//     that somebody went silent who is known by another id now. An alarm that stands is
//     cleared, and says whose it was.
//
// In windows they count as the known one from there on, who has their history, too: see
// moves.go.
//
// The rules:
//
//   - One event joins an anonymous id to a customer, and never two known ones.
//   - The history of an anonymous id joins once, with the first record about it. What comes
//     under it alone behind the record follows them, event by event; on a device of several
//     people it follows who was there under both ids last. See follow.
//   - An event may be late, or one that was here before: who somebody is does not depend
//     on when it was said. What a machine did, or what is forgotten, joins nobody; nor does
//     an event so late that it tells nothing of its customer, who is not known.
//   - History joins nobody: its importer knows the whole of it, see replay.Joins.
//   - A cut tells of joinsOfACut pairs at most. Whom it leaves out is told of with the
//     next event that holds both. So a producer that invents an anonymous id for every
//     event, as libraries do that run on servers, can't fill the stream with records.
//   - Whoever joined is remembered, by a hash, as long as there is room for as many as
//     there may be customers; and so is of whom was told. That is told again when somebody
//     else was there with the id, once in an hour of the clock, and where it is no longer
//     remembered.
type joins struct {
	on     bool                     // who is who is told
	told   customers.Recent[toldOf] // by anonymous id
	joined customers.Recent[uint16] // anonymous customers of the partition: the partition of who they are, or nowhere
	merged customers.RecentSet      // records of moves that were taken; see originOf
}

// nowhere is in place of a partition of somebody who joined when that was not remembered.
const nowhere = math.MaxUint16

// toldOf is who was there last under both ids.
type toldOf struct {
	customer string
	hour     uint32 // of the clock, in which it was told
}

func writeToldOf(w *codec.Writer, t toldOf) {
	w.Text(t.customer)
	w.Fixed32(t.hour)
}

func readToldOf(r *codec.Reader) toldOf { return toldOf{r.Text(), r.Fixed32()} }

const hourMS = 3_600_000

// joinsOfACut bounds how many pairs are told between two cuts, a second for most.
const joinsOfACut = 1_000

// reconfigure goes on with another setting. What was joined stays so.
func (j *joins) reconfigure(config *meaning.Config) {
	j.on = config.Join
	j.told.Most = max(1, config.MaxCustomers/2)
	j.joined.Most, j.merged.Most = j.told.Most, j.told.Most
}

// isJoined says whether a customer is one who has joined another.
func (j *joins) isJoined(id []byte) bool {
	if j.joined.Len() == 0 || !bytes.HasPrefix(id, []byte(event.AnonymousPrefix)) {
		return false
	}
	_, joined := j.joined.Get(id)

	return joined
}

// report tells who an anonymous customer is, by an event that holds both ids and was not
// refused. Whoever calls it has seen that there is an anonymous one.
func (s *Shard) report(record *event.Record, ev *event.Event, class *vocabulary.Class) {
	j := &s.joins
	if !j.on || record.Lane != event.LaneEvent || class.Machine || bytes.HasPrefix(ev.Customer, []byte(event.AnonymousPrefix)) {
		return
	}
	if len(s.out.joins) >= joinsOfACut || event.IsNullWord(ev.AnonymousID) || event.IsBlank(ev.AnonymousID) {
		return
	}
	hour := uint32(s.clock / hourMS)
	if before, told := j.told.Get(ev.AnonymousID); told && before.hour == hour && before.customer == string(ev.Customer) {
		return
	}
	if _, known := s.members.find(ev.Customer); !known {
		return
	}
	j.told.Put(ev.AnonymousID, toldOf{string(ev.Customer), hour})
	s.counts.JoinsTold++
	s.out.addJoin(fact.JoinMark{
		Anonymous: string(ev.AnonymousID), Customer: string(ev.Customer), Sequence: record.Sequence, Time: ev.Time,
	})
}

// lastOf gives the customer of the partition who was there last with an anonymous id.
func (s *Shard) lastOf(anonymous []byte) (index uint32, ok bool) {
	of, told := s.joins.told.Get(anonymous)
	if !told {
		return 0, false
	}

	return s.members.find([]byte(of.customer))
}

// join takes the record that says who an anonymous customer is.
func (s *Shard) join(record *event.Record) error {
	var mark fact.JoinMark
	if record.Lane != event.LaneControl {
		return refuseUnreadableControl("Ebb-Control", record.Control.String()+" on a lane of history", "live events join customers, by themselves")
	}
	if err := readMark(record, &mark); err != nil {
		return err
	}
	anonymous := []byte(event.AnonymousPrefix + mark.Anonymous)
	for _, id := range []string{mark.Customer, string(anonymous)} {
		if err := event.CheckSomebody(id); err != nil {
			return refuseUnreadableControl("join", "", err.Error())
		}
	}
	if home := event.PartitionOf(anonymous, s.config.Partitions); home != s.partition {
		return refuseMisrouted(anonymous, s.partition, home)
	}
	if s.forgets.stones.Cover(s.forgets.hasher, anonymous, mark.Time) || s.forgets.stones.Cover(s.forgets.hasher, []byte(mark.Customer), mark.Time) {
		s.forgets.withhold(record)

		return nil
	}
	before := s.joins.isJoined(anonymous)
	s.joins.joined.Put(anonymous, uint16(event.PartitionOf([]byte(mark.Customer), s.config.Partitions)))
	if before {
		return nil
	}
	s.counts.Joined++
	if index, known := s.members.find(anonymous); known {
		s.moveOut(index, &mark)
	}

	return nil
}

// welcome takes in a customer who is not known yet.
func (s *Shard) welcome(id []byte) uint32 {
	index := s.customers.welcome(id, s.clock)
	if s.joins.isJoined(id) {
		s.customers.At(index).Churn.Join()
	}

	return index
}

// join takes an anonymous customer out of what is said of customers, who is somebody
// known. They stay in the table: events may still come under their id.
func (m *membership) join(index uint32, as string) {
	state := &m.customers.At(index).Churn
	level := state.Level()
	m.release(m.at.clock, index) // before its level changes
	if level != churn.Healthy {
		m.detector.signals.publishJoin(m.detector.model, index, state, as)
	}
	state.Join()
	joined := func(customer uint32) bool { return customer == index }
	m.detector.sampler.Forget(joined) // nobody can tell whether they would have come back
	m.alerts.leave(joined)
}

// capture shares what is remembered.
func (j *joins) capture(counts *Counts) appender {
	told, joined, merged := j.told.Capture(writeToldOf), j.joined.Capture((*codec.Writer).Fixed16), j.merged.Capture()
	var w codec.Writer
	for _, n := range [...]uint64{counts.JoinsTold, counts.Joined, counts.Merged, counts.Followed} {
		w.Uint(n)
	}

	return func(dst []byte) []byte { return append(merged(joined(told(dst))), w.Bytes()...) }
}

func (j *joins) read(r *codec.Reader, counts *Counts) {
	j.told.Read(r, 5, readToldOf)
	j.joined.Read(r, 2, (*codec.Reader).Fixed16)
	j.merged.Read(r)
	counts.JoinsTold, counts.Joined, counts.Merged, counts.Followed = r.Uint(), r.Uint(), r.Uint(), r.Uint()
}

// readOne reads what was written before histories moved. Of pairs it says nothing that is
// of use.
func (j *joins) readOne(r *codec.Reader) {
	new(customers.RecentSet).Read(r)
	j.joined.Read(r, 0, func(*codec.Reader) uint16 { return nowhere })
}
