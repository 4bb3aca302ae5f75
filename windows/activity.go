package windows

import (
	"encoding/binary"
	"math/bits"
)

// activityHalves is how many 32-bit bitmaps an [Activity] has room for.
const activityHalves = 6

// ActivitySize is the size of an [Activity] in memory and in its binary form.
const ActivitySize = 8 + 4*activityHalves

// Activity remembers in which recent slices a customer was active under one
// key. The caller keeps one per customer and distinct key and gives it to
// [Set.Touch]; the zero value is a customer never seen. It holds no pointers.
//
// Each tier has 32 or 64 bits of it: bit i is the slice i before the newest
// one. That is enough to know, for any event in time, the customer's nearest
// active slices on both sides.
type Activity struct {
	// stamp is the start of the newest base slice with its sign bit flipped, so
	// that zero means never.
	stamp uint64
	bits  [activityHalves]uint32
}

const signBit = 1 << 63

// Newest is the customer's newest event time, rounded down to the finest
// slice, in Unix milliseconds; false means never seen.
func (a *Activity) Newest() (int64, bool) {
	return int64(a.stamp ^ signBit), a.stamp != 0
}

// AppendBinary appends the ActivitySize bytes of a. The error is always nil.
func (a *Activity) AppendBinary(dst []byte) ([]byte, error) {
	dst = binary.LittleEndian.AppendUint64(dst, a.stamp)
	for _, b := range a.bits {
		dst = binary.LittleEndian.AppendUint32(dst, b)
	}

	return dst, nil
}

// UnmarshalBinary reads what AppendBinary wrote; src must be ActivitySize long.
func (a *Activity) UnmarshalBinary(src []byte) error {
	if len(src) != ActivitySize {
		return corrupt("activity: %d bytes, want %d", len(src), ActivitySize)
	}

	a.stamp = binary.LittleEndian.Uint64(src)
	if newest, known := a.Newest(); known && (newest < MinTime || newest > MaxTime) {
		return corrupt("activity: newest time %d is out of range", newest)
	}

	for i := range a.bits {
		a.bits[i] = binary.LittleEndian.Uint32(src[8+4*i:])
	}

	return nil
}

// place is where in an Activity a tier's bitmap lies: one half, or two.
type place struct {
	half int
	wide bool
}

func (p place) load(a *Activity) uint64 {
	word := uint64(a.bits[p.half])
	if p.wide {
		word |= uint64(a.bits[p.half+1]) << 32
	}

	return word
}

func (p place) store(a *Activity, word uint64) {
	a.bits[p.half] = uint32(word)
	if p.wide {
		a.bits[p.half+1] = uint32(word >> 32)
	}
}

// neighbors says where a slice in which a customer is newly active stands
// among the customer's other active slices: the distance in slices to the
// nearest one on each side, 0 for none within reach.
type neighbors struct {
	before, after int64
}

// mark sets the bit of a slice that lies ahead slices after the newest one, or
// before it if negative. False means that it was set already.
func (p place) mark(a *Activity, known bool, ahead int64) (neighbors, bool) {
	word := p.load(a)

	switch {
	case !known || ahead > 63:
		p.store(a, 1)
		return neighbors{}, true
	case ahead > 0:
		word <<= ahead
		p.store(a, word|1)

		return neighbors{before: lowest(word)}, true
	}

	at := -ahead
	bit := uint64(1) << at

	if word&bit != 0 {
		return neighbors{}, false
	}

	p.store(a, word|bit)

	near := neighbors{before: lowest(word >> at)}
	if newer := word & (bit - 1); newer != 0 {
		near.after = at - int64(63-bits.LeadingZeros64(newer))
	}

	return near, true
}

// lowest is the place of the lowest set bit, 0 for none. Bit 0 is not set.
func lowest(word uint64) int64 {
	if word == 0 {
		return 0
	}

	return int64(bits.TrailingZeros64(word))
}
