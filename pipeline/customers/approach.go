package customers

// Approach is for who will be asked for soon: it looks by the hash alone who an id is
// likely of, and begins to bring near what is kept of them. Of most it is far away, in
// several places, and fetching these one after another would take longer than all that
// is computed for an event. So they are read here all at once, and what is done until
// Find asks for the customer does not wait for them.
func (c *Table) Approach(id []byte) {
	hash := c.hash(id)
	mask := uint32(len(c.slots) - 1)
	for slot := hash & mask; c.slots[slot] != 0; slot = (slot + 1) & mask {
		if entry := c.slots[slot]; uint32(entry>>32) == hash {
			c.near = uint32(entry) - 1
			c.warm(c.near)

			return
		}
	}
}

// warm reads of each cache line that an event of the customer is likely to ask for; of
// the columns the middle, where those stand that nearly every event asks for, and the
// end. The sum keeps the compiler from leaving the reads out, and nothing waits for it.
func (c *Table) warm(index uint32) {
	who := c.Peek(index)
	sum := uint64(who.ID.Length) + uint64(who.Churn.Timer()) + uint64(who.Churn.Level())
	for key := range who.Activity {
		newest, _ := who.Activity[key].Newest()
		sum += uint64(newest)
	}
	if c.columns.width > 0 {
		columns := c.PeekColumns(index)
		sum += uint64(columns[len(columns)/2]) + uint64(columns[len(columns)-1])
	}
	c.warmed += sum
}
