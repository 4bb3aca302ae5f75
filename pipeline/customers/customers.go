package customers

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"ebb/pipeline/churn"
	"ebb/windows"
	"ebb/windows/huge"
)

// DistinctKeys is how many window keys count distinct customers: the first ones.
const DistinctKeys = 4

// Customer is everything a shard knows of one customer. It holds no pointer,
// so that the garbage collector never walks the slabs.
type Customer struct {
	ID       idRef // first: every event compares it
	Churn    churn.State
	Activity [DistinctKeys]windows.Activity
}

// idRef is a customer's id: the id itself where it is short, as most are, so
// that comparing it costs no further cache miss; otherwise its place in the
// arena.
type idRef struct {
	Length uint16
	inline [inlineID]byte // the id, or its offset: chunk × IDChunk + position
}

const inlineID = 22 // makes an idRef 24 bytes

const (
	// SlabSize is how many customers a slab holds.
	SlabSize = 1 << 10
	// IDChunk is how many bytes of long ids a chunk holds; no id is longer.
	IDChunk = 1 << 16
)

// Table is the table of a shard's customers, by dense index from 0 in the
// order of their first event, but for those whose index someone had who left;
// see free.go.
type Table struct {
	Slabs [][]Customer
	Count uint32 // indices in use or free
	free  lowest // of these, the free ones

	columns columns

	near uint32 // whom Approach came upon last

	arena   [][]byte // chunks of IDChunk bytes; an id never crosses chunks, and none is overwritten: frozen tables share them
	kept    int      // bytes in the arena
	garbage int      // of these, of customers who left

	// slots is an open-addressing table with linear probing: the upper half
	// of a slot is the id's hash, the lower half its index plus one, 0 if
	// the slot is free. Its length is a power of two.
	slots []uint64

	Frozen *Frozen // shares slabs that are not encoded yet; nil for most of the time

	// seed is another one in every table, since ids come from producers: whoever
	// knew the hash could choose ids that all want the same slot. It decides
	// where in slots an entry stands, which nothing else depends on.
	seed maphash.Seed
}

// New is an empty table, with so many bytes of columns of every customer.
func New(width int) *Table {
	return &Table{columns: newColumns(width), slots: make([]uint64, 1<<8), seed: maphash.MakeSeed()}
}

// Len is how many customers there are.
func (c *Table) Len() int { return int(c.Count) - len(c.free) }

// At returns the customer of an index; the pointer stays valid until the table
// is frozen.
func (c *Table) At(index uint32) *Customer {
	if c.Frozen != nil {
		c.own(index / SlabSize)
	}

	return &c.Slabs[index/SlabSize][index%SlabSize]
}

// ID returns the customer's id. It must not be changed.
func (c *Table) ID(index uint32) []byte {
	return c.Slabs[index/SlabSize][index%SlabSize].ID.bytes(c.arena)
}

// bytes are those of the id, of which long ones stand in the arena.
func (ref *idRef) bytes(arena [][]byte) []byte {
	if ref.Length <= inlineID {
		return ref.inline[:ref.Length]
	}
	offset := binary.LittleEndian.Uint32(ref.inline[:])
	start := offset % IDChunk

	return arena[offset/IDChunk][start : start+uint32(ref.Length)]
}

// Find returns the index of an id and whether it is known.
func (c *Table) Find(id []byte) (uint32, bool) {
	if c.near < c.Count && bytes.Equal(c.ID(c.near), id) {
		return c.near, true
	}
	hash := c.hash(id)
	mask := uint32(len(c.slots) - 1)
	for slot := hash & mask; ; slot = (slot + 1) & mask {
		entry := c.slots[slot]
		if entry == 0 {
			return 0, false
		}
		if entry>>32 == uint64(hash) {
			if index := uint32(entry) - 1; bytes.Equal(c.ID(index), id) {
				return index, true
			}
		}
	}
}

// Add takes in a customer that Find did not know.
func (c *Table) Add(id []byte) uint32 {
	if len(c.free) > 0 {
		return c.Settle(c.free.pop(), id)
	}

	return c.Settle(c.Extend(), id)
}

// Extend appends an index that nobody has.
func (c *Table) Extend() uint32 {
	index := c.Count
	if index%SlabSize == 0 {
		c.Slabs = append(c.Slabs, huge.Pages(make([]Customer, SlabSize)))
		c.columns.extend()
	}
	c.Count++

	return index
}

// Settle gives an index to a customer.
func (c *Table) Settle(index uint32, id []byte) uint32 {
	if int(c.Count)*4 >= len(c.slots)*3 {
		c.grow()
	}
	c.At(index).ID = c.keep(id)
	c.place(c.hash(id), index)

	return index
}

func (c *Table) keep(id []byte) idRef {
	ref := idRef{Length: uint16(len(id))}
	if len(id) <= inlineID {
		copy(ref.inline[:], id)

		return ref
	}
	if len(c.arena) == 1<<32/IDChunk && c.garbage > 0 && len(c.arena[len(c.arena)-1])+len(id) > IDChunk {
		c.compact() // offsets have 32 bits
	}
	if n := len(c.arena); n == 0 || len(c.arena[n-1])+len(id) > IDChunk {
		c.arena = append(c.arena, huge.Pages(make([]byte, 0, IDChunk)))
	}
	last := len(c.arena) - 1
	start := len(c.arena[last])
	c.arena[last] = append(c.arena[last], id...)
	c.kept += len(id)
	binary.LittleEndian.PutUint32(ref.inline[:], uint32(last*IDChunk+start))

	return ref
}

func (c *Table) place(hash, index uint32) {
	mask := uint32(len(c.slots) - 1)
	slot := hash & mask
	for c.slots[slot] != 0 {
		slot = (slot + 1) & mask
	}
	c.slots[slot] = uint64(hash)<<32 | uint64(index+1)
}

func (c *Table) grow() {
	old := c.slots
	c.slots = huge.Pages(make([]uint64, 2*len(old)))
	for _, entry := range old {
		if entry != 0 {
			c.place(uint32(entry>>32), uint32(entry)-1)
		}
	}
}

func (c *Table) hash(id []byte) uint32 { return uint32(maphash.Bytes(c.seed, id)) }
