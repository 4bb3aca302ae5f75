package customers

import (
	"fmt"
	"math"
	"testing"

	"github.com/zeebo/xxh3"
)

// Ids that were chosen so that a hash without a seed puts them all beside each
// other are found as quickly as any.
func TestCustomersWithstandChosenIDs(t *testing.T) {
	const n, alike = 2000, 10 // ids, and lower bits of their hash that are the same
	c := New(0)
	for i := 0; c.Len() < n; i++ {
		id := fmt.Appendf(nil, "c%d", i)
		if xxh3.Hash(id)<<(64-alike) == 0 {
			c.Add(id)
		}
	}
	longest := 0
	for index := range c.Count {
		longest = max(longest, c.probes(c.ID(index)))
	}
	// With linear probing at most three quarters full, runs of some tens are usual.
	if longest > 300 {
		t.Errorf("an id is found after %d slots, of %d ids", longest, n)
	}
}

// probes counts the slots that Find looks at.
func (c *Table) probes(id []byte) int {
	index, _ := c.Find(id)
	mask := uint32(len(c.slots) - 1)
	n := 1
	for slot := c.hash(id) & mask; c.slots[slot]&math.MaxUint32 != uint64(index+1); slot = (slot + 1) & mask {
		n++
	}

	return n
}
