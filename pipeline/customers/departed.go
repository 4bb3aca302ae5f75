package customers

import (
	"slices"

	"ebb/windows/codec"

	"github.com/zeebo/xxh3"
)

// Departed remembers who has left, by a hash of the id, so that who returns can
// be told from who is new. It holds two generations of at most Most each: a full
// one takes the place of the one before it, which is forgotten. Two ids with the
// same hash make a new customer a returned one, and nothing else.
type Departed struct {
	Most  int // at least 1
	young generation
	old   generation
}

// generation is a set that remembers the order in which its members came. They
// are only ever appended, so that a snapshot shares them.
type generation struct {
	order []uint64
	has   map[uint64]struct{}
}

// Add takes in one who leaves.
func (d *Departed) Add(id []byte) {
	hash := xxh3.Hash(id)
	if _, known := d.young.has[hash]; known {
		return
	}
	if len(d.young.order) >= d.Most {
		d.old, d.young = d.young, generation{}
	}
	d.young.add(hash)
}

// Has says whether the one with the id left, as far as it is remembered.
func (d *Departed) Has(id []byte) bool {
	if d.Len() == 0 {
		return false
	}
	hash := xxh3.Hash(id)
	_, young := d.young.has[hash]
	_, old := d.old.has[hash]

	return young || old
}

// Len is how many are remembered.
func (d *Departed) Len() int { return len(d.young.order) + len(d.old.order) }

// Remove forgets that one left. It costs as much as there are, so it is for few.
func (d *Departed) Remove(id []byte) {
	hash := xxh3.Hash(id)
	for _, g := range [...]*generation{&d.old, &d.young} {
		if _, there := g.has[hash]; there {
			delete(g.has, hash)
			kept := make([]uint64, 0, len(g.order)) // a snapshot may share the former one
			for _, one := range g.order {
				if one != hash {
					kept = append(kept, one)
				}
			}
			g.order = kept
		}
	}
}

func (g *generation) add(hash uint64) {
	if g.has == nil {
		g.has = make(map[uint64]struct{})
	}
	g.has[hash] = struct{}{}
	g.order = append(g.order, hash)
}

// Capture shares what is remembered: what it returns appends it, once, while more leave.
func (d *Departed) Capture() func(dst []byte) []byte {
	orders := [...][]uint64{slices.Clip(d.old.order), slices.Clip(d.young.order)}

	return func(dst []byte) []byte {
		w := codec.To(dst)
		for _, order := range orders { // of leaving, which follows from the input
			w.Uint(uint64(len(order)))
			for _, hash := range order {
				w.Fixed64(hash)
			}
		}

		return w.Bytes()
	}
}

// Read reads what Capture appended.
func (d *Departed) Read(r *codec.Reader) {
	for _, g := range [...]*generation{&d.old, &d.young} {
		for range r.Count(8, "customers who have left") { // more than Most, where that was lowered
			hash := r.Fixed64()
			if _, twice := g.has[hash]; twice {
				r.Fail("one who has left stands twice")
			}
			if r.Err() != nil {
				break
			}
			g.add(hash)
		}
	}
}
