package clock

import (
	"math"

	"ebb/pipeline/event"
	"ebb/windows/codec"
)

// Write writes the clock of store times, with the leap that is held and the events that
// wait for it.
func (c *Clock) Write(w *codec.Writer) { c.stored.write(w) }

// Read reads what Write wrote into a new clock.
func (c *Clock) Read(r *codec.Reader) { c.stored.read(r, c.partition, true) }

// ReadOne reads what was written when events alone could wait.
func (c *Clock) ReadOne(r *codec.Reader) { c.stored.read(r, c.partition, false) }

func (c *storeClock) write(w *codec.Writer) {
	for _, n := range [...]int64{c.now, c.usual, c.since, c.ahead, c.began, c.calm} {
		w.Int(n)
	}
	for _, n := range [...]uint64{c.spoke, uint64(c.against), uint64(c.records), uint64(c.quorum), c.leaps} {
		w.Uint(n)
	}
	for _, h := range c.recent[:min(c.spoke, heardCustomers)] {
		h.write(w)
		w.Int(h.lag)
	}
	w.Uint(uint64(len(c.heard)))
	for _, h := range c.heard {
		h.write(w)
	}
	w.Uint(uint64(len(c.waiting)))
	for i := range c.waiting {
		r := &c.waiting[i]
		w.Uint(r.Sequence)
		w.Int(r.Stored)
		w.Int(r.Clock)
		w.Bool(moves(r))
		w.Blob(r.Data)
	}
}

func (h testimony) write(w *codec.Writer) {
	w.Fixed64(h.who)
	w.Int(h.at)
}

func (c *storeClock) read(r *codec.Reader, partition int, move bool) {
	for _, n := range [...]*int64{&c.now, &c.usual, &c.since, &c.ahead, &c.began, &c.calm} {
		*n = r.Int()
	}
	c.spoke, c.against = r.Uint(), uint32(r.UintTo(math.MaxUint32, "events against the store times"))
	c.records, c.quorum, c.leaps = int(r.UintTo(math.MaxInt64, "records")), int(r.UintTo(math.MaxInt64, "quorum")), r.Uint()
	for i := range min(c.spoke, heardCustomers) {
		c.recent[i] = testimony{who: r.Fixed64(), at: r.Int(), lag: r.Int()}
	}
	for range r.UintTo(heardCustomers, "customers who speak of a leap") {
		c.heard = append(c.heard, testimony{who: r.Fixed64(), at: r.Int()})
	}
	for range r.UintTo(maxWaiting, "events that wait for a leap") {
		record := event.Record{Partition: partition, Sequence: r.Uint(), Stored: r.Int(), Clock: r.Int()}
		if move && r.Bool("a move that waits") {
			record.Lane, record.Control = event.LaneControl, event.ControlMove
		}
		record.Data = append([]byte(nil), r.Blob()...)
		c.waiting = append(c.waiting, record)
		c.bytes += len(record.Data)
	}
}
