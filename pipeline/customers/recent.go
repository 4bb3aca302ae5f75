package customers

import (
	"slices"

	"ebb/windows/codec"

	"github.com/zeebo/xxh3"
)

// Recent remembers something of ids, by a hash of each: in two generations of at most Most
// entries each, of which a full one takes the place of the one before, which is forgotten.
// What is put again with another value counts as another entry.
type Recent[V comparable] struct {
	Most       int // at least 1
	young, old journal[V]
}

// journal is only ever appended to, so that a snapshot shares it.
type journal[V comparable] struct {
	entries []entry[V]
	newest  map[uint64]uint32 // by hash, in entries
}

type entry[V comparable] struct {
	value V // first: nothing takes no room there
	hash  uint64
}

// Put remembers a value in place of a former one.
func (r *Recent[V]) Put(id []byte, value V) {
	e := entry[V]{value, xxh3.Hash(id)}
	if r.young.has(e) {
		return
	}
	if len(r.young.entries) >= r.Most {
		r.old, r.young = r.young, journal[V]{}
	}
	r.young.add(e)
}

// Get gives what is remembered of an id.
func (r *Recent[V]) Get(id []byte) (value V, known bool) {
	if r.Len() == 0 {
		return value, false
	}
	hash := xxh3.Hash(id)
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
	hash := xxh3.Hash(id)
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
			if !gone(&former[i]) && !j.has(former[i]) { // what lay between two of the same may be gone
				j.add(former[i])
			}
		}
	}
}

// has says whether the newest entry of a hash is this one.
func (j *journal[V]) has(e entry[V]) bool {
	at, known := j.newest[e.hash]

	return known && j.entries[at].value == e.value
}

func (j *journal[V]) add(e entry[V]) {
	if j.newest == nil {
		j.newest = make(map[uint64]uint32)
	}
	j.newest[e.hash] = uint32(len(j.entries))
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

// Read reads what Capture appended. Each entry takes so many bytes at least.
func (r *Recent[V]) Read(from *codec.Reader, least int, read func(*codec.Reader) V) {
	for _, j := range [...]*journal[V]{&r.old, &r.young} {
		for range from.Count(8+least, "entries") { // more than Most, where that was lowered
			var e entry[V]
			e.hash, e.value = from.Fixed64(), read(from)
			if j.has(e) {
				from.Fail("an entry stands twice")
			}
			if from.Err() != nil {
				return
			}
			j.add(e)
		}
	}
}
