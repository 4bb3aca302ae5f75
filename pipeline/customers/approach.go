package customers

import "ebb/windows/prefetch"

// This file brings near what is kept of who will be asked for soon. Of most it is far
// away, in several places of which one says where the next is, and to fetch these one
// after another would take longer than all that is computed for an event. So each is
// fetched as soon as it is known where it is, and what is done until it is asked for does
// not wait for it.

// Expect is for whose event is being read: it begins to bring near where the table says
// who an id is of.
func (c *Table) Expect(id []byte) {
	prefetch.Value(&c.slots[c.hash(id)&uint32(len(c.slots)-1)])
}

// Approach is for whose event was read: it looks by the hash alone who an id is likely of,
// and begins to bring near what is kept of them, but for their columns: of these the
// caller knows which are asked for.
func (c *Table) Approach(id []byte) (index uint32, likely bool) {
	hash := c.hash(id)
	mask := uint32(len(c.slots) - 1)
	for slot := hash & mask; c.slots[slot] != 0; slot = (slot + 1) & mask {
		if entry := c.slots[slot]; entry>>32 == uint64(hash) {
			c.near = uint32(entry) - 1
			prefetch.Value(c.Peek(c.near))

			return c.near, true
		}
	}

	return 0, false
}
