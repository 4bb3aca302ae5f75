package shard

import (
	"math"
	"math/bits"
	"slices"

	"ebb/pipeline/silence"
)

// held is the set of customers whose signal waits for the feed, a bit each. It
// takes no memory before the first of them.
type held struct {
	words []uint64
	count int

	// over are the silences that ended while customers were held, at most one
	// a channel. Their rows are told again when the last of them is let go.
	over []silence.Change

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
	h.over = slices.DeleteFunc(h.over, func(c silence.Change) bool { return c.Channel == channel })
}
