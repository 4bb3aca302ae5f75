package customers

import (
	"math"
	"slices"
)

// This file takes customers out of the table. The others keep their index,
// because timers, rows to learn from and alerts name customers by it. A new
// customer gets the lowest index that is free, so that it follows from the
// customers that there are, and a snapshot says all of it.

// Vacant says whether nobody has the index.
func (c *Table) Vacant(index uint32) bool { return c.Peek(index).ID.Length == 0 }

// Peek is At, for looking only: it copies nothing that is being encoded.
func (c *Table) Peek(index uint32) *Customer { return &c.Slabs[index/SlabSize][index%SlabSize] }

// Remove frees the index of a customer.
func (c *Table) Remove(index uint32) {
	c.displace(index)
	who := c.At(index)
	if who.ID.Length > inlineID {
		c.garbage += int(who.ID.Length)
	}
	*who = Customer{}
	clear(c.Columns(index))
	c.free.push(index)
	if c.garbage > IDChunk && 2*c.garbage > c.kept {
		c.compact()
	}
}

// displace takes the entry of a customer out of the slots, and moves back those
// behind it that would not be found any more (Knuth 1973, "The Art of Computer
// Programming", volume 3, algorithm 6.4R).
func (c *Table) displace(index uint32) {
	mask := uint32(len(c.slots) - 1)
	hole := c.hash(c.ID(index)) & mask
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
func (c *Table) compact() {
	former := c.arena
	c.arena, c.kept, c.garbage = nil, 0, 0
	for index := range c.Count {
		if c.Peek(index).ID.Length > inlineID {
			who := c.At(index)
			who.ID = c.keep(who.ID.bytes(former))
		}
	}
}

// LeaveFree appends an index that nobody has, where a snapshot says so.
func (c *Table) LeaveFree() {
	c.free.push(c.Extend())
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
