package pipeline

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"ebb/pipeline/churn"
	"ebb/windows"
)

// distinctKeys is how many window keys count distinct customers: the first ones.
const distinctKeys = 4

// customer is everything a shard knows of one customer. It holds no pointer,
// so that the garbage collector never walks the slabs.
type customer struct {
	id       idRef // first: every event compares it
	churn    churn.State
	activity [distinctKeys]windows.Activity
}

// idRef is a customer's id: the id itself where it is short, as most are, so
// that comparing it costs no further cache miss; otherwise its place in the
// arena.
type idRef struct {
	length uint16
	inline [inlineID]byte // the id, or its offset: chunk × idChunk + position
}

const inlineID = 22 // makes an idRef 24 bytes

const (
	slabSize = 1 << 10
	idChunk  = 1 << 16
)

// customers is the table of a shard's customers, by dense index from 0 in the
// order of their first event, but for those whose index someone had who left;
// see customers_free.go.
type customers struct {
	slabs [][]customer
	count uint32 // indices in use or free
	free  lowest // of these, the free ones

	arena   [][]byte // chunks of idChunk bytes; an id never crosses chunks, and none is overwritten: frozen tables share them
	kept    int      // bytes in the arena
	garbage int      // of these, of customers who left

	// slots is an open-addressing table with linear probing: the upper half
	// of a slot is the id's hash, the lower half its index plus one, 0 if
	// the slot is free. Its length is a power of two.
	slots []uint64

	frozen *frozen // shares slabs that are not encoded yet; nil for most of the time

	// seed is another one in every table, since ids come from producers: whoever
	// knew the hash could choose ids that all want the same slot. It decides
	// where in slots an entry stands, which nothing else depends on.
	seed maphash.Seed
}

func newCustomers() *customers {
	return &customers{slots: make([]uint64, 1<<8), seed: maphash.MakeSeed()}
}

// len is how many customers there are.
func (c *customers) len() int { return int(c.count) - len(c.free) }

// at returns the customer of an index; the pointer stays valid until the table
// is frozen.
func (c *customers) at(index uint32) *customer {
	if c.frozen != nil {
		c.own(index / slabSize)
	}

	return &c.slabs[index/slabSize][index%slabSize]
}

// id returns the customer's id. It must not be changed.
func (c *customers) id(index uint32) []byte {
	return c.slabs[index/slabSize][index%slabSize].id.bytes(c.arena)
}

// bytes are those of the id, of which long ones stand in the arena.
func (ref *idRef) bytes(arena [][]byte) []byte {
	if ref.length <= inlineID {
		return ref.inline[:ref.length]
	}
	offset := binary.LittleEndian.Uint32(ref.inline[:])
	start := offset % idChunk

	return arena[offset/idChunk][start : start+uint32(ref.length)]
}

// find returns the index of an id and whether it is known.
func (c *customers) find(id []byte) (uint32, bool) {
	hash := c.hash(id)
	mask := uint32(len(c.slots) - 1)
	for slot := hash & mask; ; slot = (slot + 1) & mask {
		entry := c.slots[slot]
		if entry == 0 {
			return 0, false
		}
		if entry>>32 == uint64(hash) {
			if index := uint32(entry) - 1; bytes.Equal(c.id(index), id) {
				return index, true
			}
		}
	}
}

// add takes in a customer that find did not know.
func (c *customers) add(id []byte) uint32 {
	if len(c.free) > 0 {
		return c.settle(c.free.pop(), id)
	}

	return c.settle(c.extend(), id)
}

// extend appends an index that nobody has.
func (c *customers) extend() uint32 {
	index := c.count
	if index%slabSize == 0 {
		c.slabs = append(c.slabs, make([]customer, slabSize))
	}
	c.count++

	return index
}

// settle gives an index to a customer.
func (c *customers) settle(index uint32, id []byte) uint32 {
	if int(c.count)*4 >= len(c.slots)*3 {
		c.grow()
	}
	c.at(index).id = c.keep(id)
	c.place(c.hash(id), index)

	return index
}

func (c *customers) keep(id []byte) idRef {
	ref := idRef{length: uint16(len(id))}
	if len(id) <= inlineID {
		copy(ref.inline[:], id)

		return ref
	}
	if len(c.arena) == 1<<32/idChunk && c.garbage > 0 && len(c.arena[len(c.arena)-1])+len(id) > idChunk {
		c.compact() // offsets have 32 bits
	}
	if n := len(c.arena); n == 0 || len(c.arena[n-1])+len(id) > idChunk {
		c.arena = append(c.arena, make([]byte, 0, idChunk))
	}
	last := len(c.arena) - 1
	start := len(c.arena[last])
	c.arena[last] = append(c.arena[last], id...)
	c.kept += len(id)
	binary.LittleEndian.PutUint32(ref.inline[:], uint32(last*idChunk+start))

	return ref
}

func (c *customers) place(hash, index uint32) {
	mask := uint32(len(c.slots) - 1)
	slot := hash & mask
	for c.slots[slot] != 0 {
		slot = (slot + 1) & mask
	}
	c.slots[slot] = uint64(hash)<<32 | uint64(index+1)
}

func (c *customers) grow() {
	old := c.slots
	c.slots = make([]uint64, 2*len(old))
	for _, entry := range old {
		if entry != 0 {
			c.place(uint32(entry>>32), uint32(entry)-1)
		}
	}
}

func (c *customers) hash(id []byte) uint32 { return uint32(maphash.Bytes(c.seed, id)) }
