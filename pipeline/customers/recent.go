package customers

import (
	"slices"

	"ebb/windows/codec"

	"github.com/zeebo/xxh3"
)

// Recent remembers something of ids, by a hash of each, as Departed remembers that they
// left: in two generations of at most Most entries each, of which a full one takes the
// place of the one before. What is put again counts as another entry.
type Recent[V comparable] struct {
	Most       int // at least 1
	young, old journal[V]
}

// journal is only ever appended to, so that a snapshot shares it.
type journal[V comparable] struct {
	entries []entry[V]
	newest  map[uint64]int // by hash, in entries
}

type entry[V comparable] struct {
	hash  uint64
	value V
}

// Hash is what an id is remembered by.
func Hash(id []byte) uint64 { return xxh3.Hash(id) }

// Put remembers a value in place of a former one.
func (r *Recent[V]) Put(id []byte, value V) {
	hash := Hash(id)
	if at, known := r.young.newest[hash]; known && r.young.entries[at].value == value {
		return
	}
	if len(r.young.entries) >= r.Most {
		r.old, r.young = r.young, journal[V]{}
	}
	r.young.add(entry[V]{hash, value})
}

// Get gives what is remembered of an id.
func (r *Recent[V]) Get(id []byte) (value V, known bool) {
	if r.Len() == 0 {
		return value, false
	}
	hash := Hash(id)
	for _, j := range [...]*journal[V]{&r.young, &r.old} {
		if at, known := j.newest[hash]; known {
			return j.entries[at].value, true
		}
	}

	return value, false
}

// Len is how many entries there are.
func (r *Recent[V]) Len() int { return len(r.young.entries) + len(r.old.entries) }

// Remove forgets an id.
func (r *Recent[V]) Remove(id []byte) {
	if _, known := r.Get(id); !known {
		return
	}
	hash := Hash(id)
	r.drop(func(e *entry[V]) bool { return e.hash == hash })
}

// Drop forgets those with some values.
func (r *Recent[V]) Drop(gone func(V) bool) { r.drop(func(e *entry[V]) bool { return gone(e.value) }) }

// drop costs as much as there are, so it is for few; most times none is to go, and looking
// is all. A snapshot may share the former ones.
func (r *Recent[V]) drop(gone func(*entry[V]) bool) {
	for _, j := range [...]*journal[V]{&r.old, &r.young} {
		former, first := j.entries, 0
		for first < len(former) && !gone(&former[first]) {
			first++
		}
		if first == len(former) {
			continue
		}
		*j = journal[V]{}
		for i := range former {
			if !gone(&former[i]) {
				j.add(former[i])
			}
		}
	}
}

func (j *journal[V]) add(e entry[V]) {
	if j.newest == nil {
		j.newest = make(map[uint64]int)
	}
	j.newest[e.hash] = len(j.entries)
	j.entries = append(j.entries, e)
}

// Capture shares what is remembered: what it returns appends it, once, while more comes.
func (r *Recent[V]) Capture(write func(*codec.Writer, V)) func(dst []byte) []byte {
	journals := [...][]entry[V]{slices.Clip(r.old.entries), slices.Clip(r.young.entries)}

	return func(dst []byte) []byte {
		w := codec.To(dst)
		for _, entries := range journals {
			w.Uint(uint64(len(entries)))
			for _, e := range entries {
				w.Fixed64(e.hash)
				write(&w, e.value)
			}
		}

		return w.Bytes()
	}
}

// ReadDeparted reads what Departed.Capture appended, with one value for all.
func (r *Recent[V]) ReadDeparted(from *codec.Reader, value V) {
	for _, j := range [...]*journal[V]{&r.old, &r.young} {
		for range from.Count(8, "entries") {
			j.add(entry[V]{from.Fixed64(), value})
		}
	}
}

// Read reads what Capture appended. Each entry takes so many bytes at least.
func (r *Recent[V]) Read(from *codec.Reader, least int, read func(*codec.Reader) V) {
	for _, j := range [...]*journal[V]{&r.old, &r.young} {
		for range from.Count(8+least, "entries") { // more than Most, where that was lowered
			e := entry[V]{from.Fixed64(), read(from)}
			if from.Err() != nil {
				return
			}
			j.add(e)
		}
	}
}
