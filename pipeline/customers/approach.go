package customers

import "unsafe"

// Approach is for who will be asked for soon: it looks by the hash alone who an id is
// likely of, and begins to bring near what is kept of them. Of most it is far away, in
// several places, and to fetch these one after another would take longer than all that
// is computed for an event. So they are fetched here all at once, and what is done until
// Find asks for the customer does not wait for them.
func (c *Table) Approach(id []byte) {
	hash := c.hash(id)
	mask := uint32(len(c.slots) - 1)
	for slot := hash & mask; c.slots[slot] != 0; slot = (slot + 1) & mask {
		if entry := c.slots[slot]; entry>>32 == uint64(hash) {
			c.near = uint32(entry) - 1
			c.warm(c.near)

			return
		}
	}
}

// warm begins to fetch a customer and their columns.
func (c *Table) warm(index uint32) {
	who := c.Peek(index)
	prefetch(unsafe.Pointer(who), unsafe.Sizeof(*who))
	if columns := c.PeekColumns(index); len(columns) > 0 {
		prefetch(unsafe.Pointer(&columns[0]), uintptr(len(columns)))
	}
}
