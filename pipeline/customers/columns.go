package customers

import (
	"slices"
	"sync/atomic"

	"ebb/windows/huge"
)

// This file keeps so many bytes of every customer for whoever registers columns; see
// metric.StateColumn. What they mean is not known here. They live beside the customers,
// in slabs of their own, and are shared with a snapshot as those are; see freeze.go.

// columns are the slabs of bytes.
type columns struct {
	width  int // of a customer; 0 for none
	stride int // from one customer to the next
	slabs  [][]byte
	frozen *FrozenColumns // shares slabs that are not encoded yet; nil for most of the time
}

// Width is how many bytes of columns a customer has.
func (c *Table) Width() int { return c.columns.width }

// Columns are the bytes of a customer, to be changed. They stay valid until the table
// is frozen.
func (c *Table) Columns(index uint32) []byte {
	if c.columns.frozen != nil {
		c.columns.own(index / SlabSize)
	}

	return c.PeekColumns(index)
}

// PeekColumns is Columns, for looking only: it copies nothing that is being encoded.
func (c *Table) PeekColumns(index uint32) []byte { return c.columns.at(index) }

// cacheLine is how many bytes come from memory at once.
const cacheLine = 64

// newColumns lays out so many bytes of every customer. Where it costs at most an eighth of
// them, each customer begins with a cache line, so that bytes which are asked for together
// come together.
func newColumns(width int) columns {
	stride := (width + cacheLine - 1) / cacheLine * cacheLine
	if stride-width > stride/8 {
		stride = width
	}

	return columns{width: width, stride: stride}
}

func (c *columns) at(index uint32) []byte {
	start := int(index%SlabSize) * c.stride

	return c.slabs[index/SlabSize][start : start+c.width : start+c.width]
}

// extend makes room for the customers of another slab.
func (c *columns) extend() { c.slabs = append(c.slabs, huge.Pages(make([]byte, SlabSize*c.stride))) }

// Reshape gives every customer so many bytes in place of those that they have. move takes
// over what goes on; what it leaves is zero. It is not called for an index that nobody has.
func (c *Table) Reshape(width int, move func(to, from []byte)) {
	before := c.columns
	c.columns = newColumns(width)
	for slab := range c.Slabs {
		c.columns.extend()
		for i := range c.Slabs[slab] {
			index := uint32(slab*SlabSize + i)
			if index < c.Count && !c.Vacant(index) {
				move(c.columns.at(index), before.at(index))
			}
		}
		before.slabs[slab] = nil // what is being encoded has a list of its own
	}
}

// FrozenColumns are the bytes as they were at a place of the input, for another
// goroutine to encode while the table goes on.
type FrozenColumns struct {
	columns columns // their slabs
	count   uint32
	done    atomic.Uint32 // slabs before it are encoded, and nobody reads them any more
}

// FreezeColumns shares the columns as they are now, as Freeze does with the customers.
func (c *Table) FreezeColumns() *FrozenColumns {
	if before := c.columns.frozen; before != nil {
		for slab := range uint32(len(before.columns.slabs)) {
			if c.columns.frozen == nil {
				break // all of it is encoded by now
			}
			c.columns.own(slab)
		}
	}
	f := &FrozenColumns{columns: c.columns, count: c.Count}
	f.columns.slabs, f.columns.frozen = slices.Clone(c.columns.slabs), nil
	c.columns.frozen = f

	return f
}

// own makes a slab the table's own, so that it may be changed.
func (c *columns) own(slab uint32) {
	f := c.frozen
	done := f.done.Load()
	if done >= uint32(len(f.columns.slabs)) {
		c.frozen = nil // all is encoded

		return
	}
	if c.width > 0 && slab >= done && slab < uint32(len(f.columns.slabs)) && &c.slabs[slab][0] == &f.columns.slabs[slab][0] {
		c.slabs[slab] = huge.Clone(c.slabs[slab])
	}
}

// AppendBinary appends the bytes of all indices, and gives the slabs back as it goes.
// Those of an index that nobody has are zero. It is called once.
func (f *FrozenColumns) AppendBinary(dst []byte) []byte {
	dst = slices.Grow(dst, int(f.count)*f.columns.width)
	for slab := range f.columns.slabs {
		first := uint32(slab) * SlabSize
		for index := first; index < min(first+SlabSize, f.count); index++ {
			dst = append(dst, f.columns.at(index)...)
		}
		f.done.Store(uint32(slab) + 1)
	}

	return dst
}
