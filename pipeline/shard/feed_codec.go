package shard

import (
	"math"

	"ebb/pipeline/silence"
	"ebb/windows/codec"
)

// writeHeld writes the customers whose signal is held, each as the distance from the
// one before, the channels that have a grace, and the silences that are over.
func (f *feed) writeHeld(w *codec.Writer) {
	w.Uint(uint64(f.held.count))
	before := uint32(0)
	f.held.each(func(index uint32) {
		w.Uint(uint64(index - before))
		before = index
	})
	f.writeGrace(w)
	w.Uint(uint64(len(f.over)))
	for _, c := range f.over {
		w.Int(int64(c.Channel))
		w.Byte(byte(c.State))
		w.Int(c.Time)
		w.Int(c.Since)
		w.Uint(c.Observed)
		w.Float64(c.Expected)
	}
}

// writeGrace writes the channels that have one, and its end.
func (f *feed) writeGrace(w *codec.Writer) {
	count := uint64(0)
	for _, until := range f.grace {
		if until != 0 {
			count++
		}
	}
	w.Uint(count)
	for i, until := range f.grace {
		if until != 0 {
			w.Int(int64(i - 1))
			w.Int(until)
		}
	}
}

// readHeld reads what writeHeld wrote, of so many customers.
func (f *feed) readHeld(r *codec.Reader, customers uint32) {
	channels := int64(len(f.names))
	next := int64(0)
	for i := range r.Count(1, "held customers") {
		step := int64(r.UintTo(math.MaxUint32, "step to the next held customer"))
		next += step
		if r.Err() == nil && (step == 0 && i > 0 || next >= int64(customers)) {
			r.Fail("held customer %d of %d does not follow the one before", next, customers)
		}
		if r.Err() != nil {
			break
		}
		f.held.add(uint32(next))
	}
	for range r.Count(2, "graces") {
		channel, until := r.IntIn(silence.Whole, channels-1, "the channel of a grace"), r.Int()
		if r.Err() != nil {
			break
		}
		f.grant(int(channel), until)
	}
	for range r.Count(13, "silences that are over") {
		over := silence.Change{Channel: int(r.IntIn(silence.Whole, channels-1, "the channel of a silence")), State: silence.State(r.Byte())}
		over.Time, over.Since, over.Observed, over.Expected = r.Int(), r.Int(), r.Uint(), r.Float64()
		if over.State > silence.GivenUp {
			r.Fail("state %d of a silence", over.State)
		}
		if r.Err() != nil {
			break
		}
		f.over = append(f.over, over)
	}
}

// readWatch reads what the watch wrote.
func (f *feed) readWatch(config silence.Config, body []byte) (err error) {
	f.watch, err = silence.Restore(config, len(f.names), body)

	return err
}
