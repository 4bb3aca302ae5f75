package pipeline

import (
	"slices"
	"sync/atomic"

	"ebb/windows/codec"
)

// frozen is the table of customers as it was at a place of the input, for
// another goroutine to encode while the table goes on. Both share the slabs.
// The table copies a slab before it touches one that is not encoded yet, so
// freezing costs nothing and the bytes are those of the place.
type frozen struct {
	slabs [][]customer
	arena [][]byte
	count uint32
	done  atomic.Uint32 // slabs before it are encoded, and nobody reads them any more
}

// freeze shares the table as it is now. There is at most one frozen table at a
// time; an earlier one that is not encoded yet keeps what it needs.
func (c *customers) freeze() *frozen {
	if before := c.frozen; before != nil {
		for slab := range uint32(len(before.slabs)) {
			if c.frozen == nil {
				break // all of it is encoded by now
			}
			c.own(slab)
		}
	}
	f := &frozen{slabs: slices.Clone(c.slabs), arena: slices.Clone(c.arena), count: c.count}
	c.frozen = f

	return f
}

// own makes a slab the table's own, so that it may be changed.
func (c *customers) own(slab uint32) {
	f := c.frozen
	done := f.done.Load()
	if done >= uint32(len(f.slabs)) {
		c.frozen = nil // all is encoded

		return
	}
	if slab >= done && slab < uint32(len(f.slabs)) && &c.slabs[slab][0] == &f.slabs[slab][0] {
		c.slabs[slab] = slices.Clone(c.slabs[slab])
	}
}

// each visits the customers in order and gives the slabs back as it goes. It
// is called once.
func (f *frozen) each(visit func(id []byte, who *customer)) {
	for slab := range f.slabs {
		rest := f.count - uint32(slab)*slabSize
		for i := range min(rest, slabSize) {
			who := &f.slabs[slab][i]
			visit(who.id.bytes(f.arena), who)
		}
		f.done.Store(uint32(slab) + 1)
	}
}

// appendBinary appends the customers by index: the id, which is empty where nobody
// has the index, what the model keeps, and in which slices they were active.
func (f *frozen) appendBinary(dst []byte) []byte {
	w := codec.To(dst)
	w.Uint(uint64(f.count))
	f.each(func(id []byte, who *customer) {
		w.Blob(id)
		if len(id) == 0 {
			return
		}
		dst := who.churn.AppendBinary(w.Bytes())
		for i := range who.activity {
			dst = codec.Must(who.activity[i].AppendBinary(dst))
		}
		w = codec.To(dst)
	})

	return w.Bytes()
}
