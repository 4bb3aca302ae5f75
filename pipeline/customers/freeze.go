package customers

import (
	"slices"
	"sync/atomic"

	"ebb/windows/codec"
	"ebb/windows/huge"
)

// Frozen is the table of customers as it was at a place of the input, for
// another goroutine to encode while the table goes on. Both share the slabs.
// The table copies a slab before it touches one that is not encoded yet, so
// freezing costs nothing and the bytes are those of the place.
type Frozen struct {
	Slabs [][]Customer
	arena [][]byte
	Count uint32
	done  atomic.Uint32 // Slabs before it are encoded, and nobody reads them any more
}

// Freeze shares the table as it is now. There is at most one frozen table at a
// time; an earlier one that is not encoded yet keeps what it needs.
func (c *Table) Freeze() *Frozen {
	if before := c.Frozen; before != nil {
		for slab := range uint32(len(before.Slabs)) {
			if c.Frozen == nil {
				break // all of it is encoded by now
			}
			c.own(slab)
		}
	}
	f := &Frozen{Slabs: slices.Clone(c.Slabs), arena: slices.Clone(c.arena), Count: c.Count}
	c.Frozen = f

	return f
}

// own makes a slab the table's own, so that it may be changed.
func (c *Table) own(slab uint32) {
	f := c.Frozen
	done := f.done.Load()
	if done >= uint32(len(f.Slabs)) {
		c.Frozen = nil // all is encoded

		return
	}
	if slab >= done && slab < uint32(len(f.Slabs)) && &c.Slabs[slab][0] == &f.Slabs[slab][0] {
		c.Slabs[slab] = huge.Clone(c.Slabs[slab])
	}
}

// each visits the customers in order and gives the slabs back as it goes. It
// is called once.
func (f *Frozen) each(visit func(id []byte, who *Customer)) {
	for slab := range f.Slabs {
		rest := f.Count - uint32(slab)*SlabSize
		for i := range min(rest, SlabSize) {
			who := &f.Slabs[slab][i]
			visit(who.ID.bytes(f.arena), who)
		}
		f.done.Store(uint32(slab) + 1)
	}
}

// AppendBinary appends the customers by index: the id, which is empty where nobody
// has the index, what the model keeps, and in which slices they were active.
func (f *Frozen) AppendBinary(dst []byte) []byte {
	w := codec.To(dst)
	w.Uint(uint64(f.Count))
	f.each(func(id []byte, who *Customer) {
		w.Blob(id)
		if len(id) == 0 {
			return
		}
		dst := who.Churn.AppendBinary(w.Bytes())
		for i := range who.Activity {
			dst = codec.Must(who.Activity[i].AppendBinary(dst))
		}
		w = codec.To(dst)
	})

	return w.Bytes()
}
