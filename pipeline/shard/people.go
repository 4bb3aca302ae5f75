package shard

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/meaning"
	"ebb/windows"
)

// people are the customers of a partition, and how long each stays without an event.
//
// Customers leave: without any event for meaning.Config.Keep, nothing is known of them
// any more. Who comes again is a new customer, who says so.
//
// They have left from the first moment of the clock on that is Keep after their
// latest event, late ones included. That is looked at wherever something is
// about to be done for them: at an event, when a timer rings, before an alert.
// Their memory is freed once a day of the clock, and only then they are out of
// the levels. So what is said of a customer does not depend on when that is.
//
// They are kept for three horizons at least, by when most of them have lapsed and
// been told of, and until no window and no late event can be theirs: then nobody
// is counted twice as a customer of a window.
type people struct {
	*customers.Table

	kept     kept
	departed customers.RecentSet
	keep     meaning.Keep
	most     int   // customers; see makeRoom
	roomFrom int64 // nobody can make room before; 0: not known
	day      int64 // clock day of the last look at who has left
}

const dayMS = 24 * 60 * 60_000

// Gone says how many customers of a partition have left.
type Gone struct {
	Left     uint64 `json:"left"`      // after a long silence
	RoomMade uint64 `json:"room_made"` // for others, at meaning.Config.MaxCustomers
}

func newPeople(config *meaning.Config) people {
	columns := newKept(config.Metrics, config.Rollups)
	p := people{Table: customers.New(columns.width()), kept: columns}
	p.reconfigure(config)

	return p
}

// reconfigure goes on with other bounds.
func (p *people) reconfigure(config *meaning.Config) {
	p.keep, p.most, p.roomFrom = config.KeepMS(), config.MaxCustomers, 0
	p.departed.Most = max(1, config.MaxCustomers/2)
}

// state is for looking only: where all customers are looked at, nothing is to be
// copied that is being encoded.
func (p *people) state(index uint32) *churn.State { return &p.Peek(index).Churn }

// gone says whether a customer has left by a time.
func (p *people) gone(index uint32, at int64) bool {
	who := p.Peek(index)
	if at < who.Churn.LastAny()+min(p.keep.Known, p.keep.Anonymous) || who.ID.Length == 0 {
		return false
	}
	span := p.keep.Of(p.ID(index))

	return span > 0 && at >= who.Churn.LastAny()+span
}

// allGone are those who have left by a time.
func (p *people) allGone(at int64) (gone []uint32) {
	if p.keep.Known == 0 && p.keep.Anonymous == 0 {
		return nil
	}
	for index := range p.Count {
		if p.gone(index, at) {
			gone = append(gone, index)
		}
	}

	return gone
}

// dayBegins says whether a day of the clock has begun since it was asked last.
func (p *people) dayBegins(clock int64) bool {
	day := clock / dayMS
	if day <= p.day {
		return false
	}
	p.day = day

	return true
}

// welcome takes in a customer who is not known.
func (p *people) welcome(id []byte, clock int64) uint32 {
	index := p.Add(id)
	if p.departed.Has(id) {
		p.At(index).Churn.Return(clock)
	}
	p.roomFrom = 0

	return index
}

// forget takes a customer out of the table, and remembers that there was one.
func (p *people) forget(index uint32) {
	p.departed.Add(p.ID(index))
	p.Remove(index)
}

// activities visits when the customers were active, by window key.
func (p *people) activities(visit func(customer uint32, key windows.Key, activity *windows.Activity)) {
	for index := range p.Count {
		if p.Vacant(index) {
			continue
		}
		who := p.At(index)
		for key := range who.Activity {
			visit(index, windows.Key(key), &who.Activity[key])
		}
	}
}
