package shard

import (
	"errors"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/forget"
	"ebb/windows/codec"
)

// This file forgets customers. To be forgotten is input: a control record, or an event
// of the type customer.forgotten, stands in the customer's partition and is in force
// from its position on. There
//
//   - the customer leaves the state at once: history, level, timer, columns, what waits
//     to be learned or alerted of. What counts them and names nobody stays: windows, as
//     they were published and as they are to be;
//   - a tombstone stays, a keyed hash of the id with the time up to which nothing is
//     taken of them any more. Late events and imports of former times are withheld: they
//     are counted, and no dead letter keeps them;
//   - the owner is told which records are to be erased, once a snapshot without the
//     customer is stored.
//
// Events of a later time are those of a new customer. Hashes without a key, of events
// that a copy may still come of and of items of cohorts, leave with their time.

// errForgotten says that an event is of somebody who was forgotten, and of a time
// before that.
var errForgotten = errors.New("its customer was forgotten")

// Forgotten says how many customers of a partition were forgotten, and how many events
// of theirs were withheld since.
type Forgotten struct {
	Customers uint64 `json:"customers"`
	Events    uint64 `json:"events"`
	Asks      bool   `json:"asks"` // something of theirs is to be erased yet
}

// Erase says what is to be erased of a partition: the records From to To that are of
// somebody who was forgotten, and all that was said of these. Zero: nothing is.
type Erase struct {
	From, To uint64 // both included
	Hashes   forget.Tombstones
	Asked    uint64 // the last record that has a customer forgotten, which is one of these; 0: records were withheld alone
	Joined   bool   // anonymous customers have joined others: other partitions may name them; see MoveMark
}

// status is told, as of now.
func (f *forgets) status() Forgotten {
	told := f.told
	told.Asks = f.erase.To > 0

	return told
}

// maxForgotten is how many may be forgotten in a partition, at about 50 bytes each: nobody
// who may publish events can fill the memory by forgetting ids that nobody has.
const maxForgotten = 1 << 20

// forgets are those who were forgotten.
type forgets struct {
	most   int
	hasher *forget.Hasher
	stones forget.Tombstones
	told   Forgotten // without Asks
	erase  Erase     // without Hashes and Joined
}

func newForgets(key []byte) forgets {
	return forgets{most: maxForgotten, hasher: forget.NewHasher(key)}
}

// HashWith gives the key of the hashes that stand for who was forgotten. It must be
// called before the first record, and again for a restored shard: a snapshot holds no
// key.
func (s *Shard) HashWith(key []byte) { s.forgets.hasher = forget.NewHasher(key) }

// Erase says what is to be erased by now.
func (s *Shard) Erase() Erase {
	e := s.forgets.erase
	if e.To > 0 {
		e.Hashes = s.forgets.stones.Clone()
		e.Joined = s.counts.Joined > 0
	}

	return e
}

// Asked is the last record that has a customer forgotten who is not erased yet; 0 for
// none.
func (s *Shard) Asked() uint64 { return s.forgets.erase.Asked }

// cover says whether an event is to be withheld.
func (f *forgets) cover(ev *event.Event) bool {
	return f.stones.Cover(f.hasher, ev.Customer, ev.Time)
}

// withhold counts an event of somebody who was forgotten, and has its record erased.
func (f *forgets) withhold(record *event.Record) {
	f.told.Events++
	if f.erase.To == 0 {
		f.erase.From = record.Sequence
	}
	f.erase.To = record.Sequence
}

// forgetting takes one of the control records by which customers are forgotten.
func (s *Shard) forgetting(record *event.Record) error {
	if record.Lane != event.LaneControl {
		return refuseUnreadableControl("Ebb-Control", record.Control.String()+" on a lane of history", "forget customers with ebb forget")
	}
	switch record.Control {
	case event.ControlForget:
		var mark fact.ForgetMark
		if err := readMark(record, &mark); err != nil {
			return err
		}
		if err := event.CheckCustomer(mark.Customer); err != nil {
			return refuseUnreadableControl("customer", "", err.Error())
		}

		return s.forget([]byte(mark.Customer), record.Stored)
	case event.ControlForgotten:
		var mark fact.ForgottenMark
		if err := readMark(record, &mark); err != nil {
			return err
		}
		s.forgotten(&mark)
	case event.ControlErased:
		var mark fact.ErasedMark
		if err := readMark(record, &mark); err != nil {
			return err
		}
		s.forgets.erased(mark.To)
	}

	return nil
}

// forget forgets a customer who asked for it at a time, unless they were forgotten
// since: a record that comes twice does not take away who has come back.
func (s *Shard) forget(customer []byte, asked int64) error {
	who := s.forgets.hasher.Of(customer)
	until, known := s.forgets.stones.Until(who)
	switch {
	case known && until >= asked:
		return nil
	case !known && s.forgets.stones.Len() >= s.forgets.most:
		return refuseToForget(customer, s.forgets.most)
	}
	s.forgets.stones.Add(who, max(asked, s.clock))
	s.forgets.told.Customers++
	s.forgets.erase.From, s.forgets.erase.To, s.forgets.erase.Asked = 1, s.sequence, s.sequence
	s.members.erase(customer)

	return nil
}

// forgotten forgets somebody by their hash: where the record that named them is erased
// and the state is made again from what is left, or where they are another partition's
// and events of theirs were refused here.
func (s *Shard) forgotten(mark *fact.ForgottenMark) {
	if mark.From > 0 {
		if e := &s.forgets.erase; e.To == 0 || mark.From < e.From {
			e.From = mark.From
		}
		s.forgets.erase.To, s.forgets.erase.Asked = s.sequence, s.sequence
	}
	if !s.forgets.stones.Add(mark.Customer, mark.Until) {
		return
	}
	if mark.From == 0 { // else they count in the partition that is theirs
		s.forgets.told.Customers++
	}
	for index := range s.customers.Count {
		if id := s.customers.ID(index); len(id) > 0 && s.forgets.hasher.Of(id) == mark.Customer {
			s.members.erase(id)

			return
		}
	}
}

// erased notes that everything up to a record is erased.
func (f *forgets) erased(to uint64) {
	switch {
	case f.erase.To <= to:
		f.erase = Erase{}
	case f.erase.From <= to && f.erase.Asked <= to:
		f.erase.From, f.erase.Asked = to+1, 0
	}
}

func (f *forgets) write(w *codec.Writer) {
	w.Uint(f.told.Customers)
	w.Uint(f.told.Events)
	w.Uint(f.erase.From)
	w.Uint(f.erase.To)
	w.Uint(f.erase.Asked)
	f.stones.Write(w)
}

func (f *forgets) read(r *codec.Reader) {
	f.told.Customers, f.told.Events = r.Uint(), r.Uint()
	f.erase.From, f.erase.To, f.erase.Asked = r.Uint(), r.Uint(), r.Uint()
	f.stones.Read(r)
}
