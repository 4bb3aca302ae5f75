package pipeline

import (
	"math"
	"slices"
)

// This file takes customers out of the table. The others keep their index,
// because timers, rows to learn from and alerts name customers by it. A new
// customer gets the lowest index that is free, so that it follows from the
// customers that there are, and a snapshot says all of it.

// vacant says whether nobody has the index.
func (c *customers) vacant(index uint32) bool { return c.peek(index).id.length == 0 }

// peek is at, for looking only: it copies nothing that is being encoded.
func (c *customers) peek(index uint32) *customer { return &c.slabs[index/slabSize][index%slabSize] }

// remove frees the index of a customer.
func (c *customers) remove(index uint32) {
	c.displace(index)
	who := c.at(index)
	if who.id.length > inlineID {
		c.garbage += int(who.id.length)
	}
	*who = customer{}
	c.free.push(index)
	if c.garbage > idChunk && 2*c.garbage > c.kept {
		c.compact()
	}
}

// displace takes the entry of a customer out of the slots, and moves back those
// behind it that would not be found any more (Knuth 1973, "The Art of Computer
// Programming", volume 3, algorithm 6.4R).
func (c *customers) displace(index uint32) {
	mask := uint32(len(c.slots) - 1)
	hole := c.hash(c.id(index)) & mask
	for c.slots[hole]&math.MaxUint32 != uint64(index+1) {
		hole = (hole + 1) & mask
	}
	for slot := (hole + 1) & mask; c.slots[slot] != 0; slot = (slot + 1) & mask {
		home := uint32(c.slots[slot]>>32) & mask
		if (slot-home)&mask >= (slot-hole)&mask {
			c.slots[hole] = c.slots[slot]
			hole = slot
		}
	}
	c.slots[hole] = 0
}

// compact writes the arena anew, without the ids that nobody has any more. A
// frozen table keeps the former one.
func (c *customers) compact() {
	former := c.arena
	c.arena, c.kept, c.garbage = nil, 0, 0
	for index := range c.count {
		if c.peek(index).id.length > inlineID {
			who := c.at(index)
			who.id = c.keep(who.id.bytes(former))
		}
	}
}

// leaveFree appends an index that nobody has, where a snapshot says so.
func (c *customers) leaveFree() {
	c.free.push(c.extend())
}

// lowest is a heap of numbers, the lowest first.
type lowest []uint32

func (l *lowest) push(n uint32) {
	*l = append(*l, n)
	heap := *l
	for i := len(heap) - 1; i > 0 && heap[i] < heap[(i-1)/2]; i = (i - 1) / 2 {
		heap[i], heap[(i-1)/2] = heap[(i-1)/2], heap[i]
	}
}

func (l *lowest) pop() uint32 {
	heap := *l
	first, last := heap[0], len(heap)-1
	heap[0] = heap[last]
	heap = heap[:last]
	for i, child := 0, 1; child < last; child = 2*i + 1 {
		if child+1 < last && heap[child+1] < heap[child] {
			child++
		}
		if heap[i] <= heap[child] {
			break
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
	*l = heap
	if last == 0 {
		*l = nil
	} else if cap(heap) > 1024 && last < cap(heap)/4 {
		*l = slices.Clone(heap)
	}

	return first
}
