package shard

import (
	"slices"

	"ebb/windows/codec"

	"github.com/zeebo/xxh3"
)

// departed remembers who has left, by a hash of the id, so that who returns can
// be told from who is new. It holds two generations of at most most each: a full
// one takes the place of the one before it, which is forgotten. Two ids with the
// same hash make a new customer a returned one, and nothing else.
type departed struct {
	most  int
	young generation
	old   generation
}

// generation is a set that remembers the order in which its members came. They
// are only ever appended, so that a snapshot shares them.
type generation struct {
	order []uint64
	has   map[uint64]struct{}
}

func (d *departed) add(id []byte) {
	hash := xxh3.Hash(id)
	if _, known := d.young.has[hash]; known {
		return
	}
	if len(d.young.order) >= d.most {
		d.old, d.young = d.young, generation{}
	}
	d.young.add(hash)
}

func (d *departed) has(id []byte) bool {
	if len(d.young.order)+len(d.old.order) == 0 {
		return false
	}
	hash := xxh3.Hash(id)
	_, young := d.young.has[hash]
	_, old := d.old.has[hash]

	return young || old
}

func (g *generation) add(hash uint64) {
	if g.has == nil {
		g.has = make(map[uint64]struct{})
	}
	g.has[hash] = struct{}{}
	g.order = append(g.order, hash)
}

// orders are those of the generations, which others may read while more leave.
func (d *departed) orders() [2][]uint64 {
	return [...][]uint64{slices.Clip(d.old.order), slices.Clip(d.young.order)}
}

// captureDeparted shares the generations until they are encoded.
func (s *Shard) captureDeparted() appender {
	orders := s.departed.orders()

	return func(dst []byte) []byte { return appendOrders(dst, orders) }
}

// appendOrders appends the generations in the order of leaving, which follows
// from the input.
func appendOrders(dst []byte, orders [2][]uint64) []byte {
	w := codec.To(dst)
	for _, order := range orders {
		w.Uint(uint64(len(order)))
		for _, hash := range order {
			w.Fixed64(hash)
		}
	}

	return w.Bytes()
}

func (s *Shard) readDeparted(body []byte) error {
	r := reading(body)
	for _, g := range [...]*generation{&s.departed.old, &s.departed.young} {
		for range r.Count(8, "customers who have left") { // more than most, where that was lowered
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

	return r.End()
}
