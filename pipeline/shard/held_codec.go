package shard

import (
	"math"

	"ebb/pipeline/silence"
	"ebb/windows/codec"
)

// appendHeld appends the customers whose signal is held, each as the distance from
// the one before, the channels that have a grace, and the silences that are over.
func (s *Shard) appendHeld(dst []byte) []byte {
	w, h := codec.To(dst), &s.held
	w.Uint(uint64(h.count))
	before := uint32(0)
	h.each(func(index uint32) {
		w.Uint(uint64(index - before))
		before = index
	})
	h.writeGrace(&w)
	w.Uint(uint64(len(h.over)))
	for _, c := range h.over {
		w.Int(int64(c.Channel))
		w.Byte(byte(c.State))
		w.Int(c.Time)
		w.Int(c.Since)
		w.Uint(c.Observed)
		w.Float64(c.Expected)
	}

	return w.Bytes()
}

// writeGrace appends the channels that have one, and its end.
func (h *held) writeGrace(w *codec.Writer) {
	count := uint64(0)
	for _, until := range h.grace {
		if until != 0 {
			count++
		}
	}
	w.Uint(count)
	for i, until := range h.grace {
		if until != 0 {
			w.Int(int64(i - 1))
			w.Int(until)
		}
	}
}

// readHeld reads what appendHeld wrote.
func (s *Shard) readHeld(body []byte) error {
	r, h := reading(body), &s.held
	customers, channels := int64(s.customers.Count), int64(len(s.vocabulary.ChannelNames))
	next := int64(0)
	for i := range r.Count(1, "held customers") {
		step := int64(r.UintTo(math.MaxUint32, "step to the next held customer"))
		next += step
		if r.Err() == nil && (step == 0 && i > 0 || next >= customers) {
			r.Fail("held customer %d of %d does not follow the one before", next, customers)
		}
		if r.Err() != nil {
			break
		}
		h.add(uint32(next))
	}
	for range r.Count(2, "graces") {
		channel, until := r.IntIn(silence.Whole, channels-1, "the channel of a grace"), r.Int()
		if r.Err() != nil {
			break
		}
		h.grant(int(channel), until)
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
		h.over = append(h.over, over)
	}

	return r.End()
}
