package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"ebb/pipeline/feed"
)

// held is the set of customers whose signal waits for the feed, a bit each. It
// takes no memory before the first of them.
type held struct {
	words []uint64
	count int

	// over are the silences that ended while customers were held, at most one
	// a channel. Their rows are told again when the last of them is let go.
	over []feed.Change

	// grace is, for the whole and then by channel, until when customers have
	// time to be heard after a silence; nil before the first. graceEnd is the
	// latest.
	grace    []int64
	graceEnd int64
}

// graceOf is the end of the grace of customers of a channel.
func (h *held) graceOf(channel uint8) int64 {
	if h.grace == nil {
		return 0
	}

	return max(h.grace[0], h.grace[1+int(channel)])
}

// grant gives the customers of a channel, or of the whole, time until then.
func (h *held) grant(channel int, until int64) {
	if h.grace == nil {
		h.grace = make([]int64, 2+math.MaxUint8)
	}
	h.grace[1+channel], h.graceEnd = until, max(h.graceEnd, until)
}

func (h *held) has(index uint32) bool {
	return h.count > 0 && int(index/64) < len(h.words) && h.words[index/64]&(1<<(index%64)) != 0
}

// add puts in a customer who is not in it.
func (h *held) add(index uint32) {
	for int(index/64) >= len(h.words) {
		h.words = append(h.words, 0)
	}
	h.words[index/64] |= 1 << (index % 64)
	h.count++
}

// remove takes out a customer who is in it.
func (h *held) remove(index uint32) {
	h.words[index/64] &^= 1 << (index % 64)
	h.count--
	if h.count == 0 {
		h.words = nil
	}
}

// each visits the customers in order.
func (h *held) each(visit func(index uint32)) {
	for i, word := range h.words {
		for ; word != 0; word &= word - 1 {
			visit(uint32(i*64 + bits.TrailingZeros64(word)))
		}
	}
}

// reopen says that a channel is silent again, before all was settled.
func (h *held) reopen(channel int) {
	h.over = slices.DeleteFunc(h.over, func(c feed.Change) bool { return c.Channel == channel })
}

// appendBinary appends the customers, each as the distance from the one
// before, and the silences that are over.
func (h *held) appendBinary(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(h.count))
	before := uint32(0)
	h.each(func(index uint32) {
		dst = binary.AppendUvarint(dst, uint64(index-before))
		before = index
	})
	dst = h.appendGrace(dst)
	dst = binary.AppendUvarint(dst, uint64(len(h.over)))
	for _, c := range h.over {
		dst = binary.AppendVarint(dst, int64(c.Channel))
		dst = append(dst, byte(c.State))
		dst = binary.AppendVarint(dst, c.Time)
		dst = binary.AppendVarint(dst, c.Since)
		dst = binary.AppendUvarint(dst, c.Observed)
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(c.Expected))
	}

	return dst
}

// appendGrace appends the channels that have one, and its end.
func (h *held) appendGrace(dst []byte) []byte {
	count := uint64(0)
	for _, until := range h.grace {
		if until != 0 {
			count++
		}
	}
	dst = binary.AppendUvarint(dst, count)
	for i, until := range h.grace {
		if until != 0 {
			dst = binary.AppendVarint(dst, int64(i-1))
			dst = binary.AppendVarint(dst, until)
		}
	}

	return dst
}

// restore reads what appendBinary wrote, of so many customers and channels.
func (h *held) restore(part []byte, customers uint32, channels int) error {
	r := reader{rest: part}
	next := uint64(0)
	for i := range r.uint() {
		step := r.uint()
		next += step
		if r.failed || step == 0 && i > 0 || next >= uint64(customers) {
			return fmt.Errorf("held customer %d of %d does not follow the one before", next, customers)
		}
		h.add(uint32(next))
	}
	for range r.uint() {
		channel, until := int(r.int()), r.int()
		if r.failed || channel < feed.Whole || channel >= channels {
			return fmt.Errorf("channel %d of %d has a grace", channel, channels)
		}
		h.grant(channel, until)
	}
	for range r.uint() {
		over := feed.Change{Channel: int(r.int()), State: feed.State(r.byte()), Time: r.int(), Since: r.int(), Observed: r.uint()}
		over.Expected = math.Float64frombits(r.word())
		if r.failed || over.Channel < feed.Whole || over.Channel >= channels {
			return fmt.Errorf("channel %d of %d was silent", over.Channel, channels)
		}
		h.over = append(h.over, over)
	}
	if r.failed || len(r.rest) > 0 {
		return errors.New("the held customers are cut")
	}

	return nil
}
