package forget

import (
	"bytes"
	"maps"
	"slices"

	"ebb/windows/codec"
)

// Tombstones are those who were forgotten. The zero value holds nobody and costs an
// event one comparison. They are kept for ever: a file of years ago can be read again
// at any time.
type Tombstones struct {
	until  map[Hash]int64
	newest int64 // of until; 0 where there is none
}

// Len is how many there are.
func (t *Tombstones) Len() int { return len(t.until) }

// Add takes in that somebody was forgotten up to a time, Unix ms, that one included.
// It says false where that is known.
func (t *Tombstones) Add(who Hash, until int64) bool {
	if known, ok := t.until[who]; ok && known >= until {
		return false
	}
	if t.until == nil {
		t.until = make(map[Hash]int64)
	}
	t.until[who] = until
	t.newest = max(t.newest, until)

	return true
}

// Until is up to when somebody was forgotten; false where they were not.
func (t *Tombstones) Until(who Hash) (int64, bool) {
	until, ok := t.until[who]

	return until, ok
}

// Cover says whether an event of a customer at a time is of somebody who was forgotten.
// Only events that are older than the newest forgetting are hashed.
func (t *Tombstones) Cover(h *Hasher, customer []byte, time int64) bool {
	if len(t.until) == 0 || time > t.newest {
		return false
	}
	until, ok := t.until[h.Of(customer)]

	return ok && time <= until
}

// Clone is a copy with a life of its own.
func (t *Tombstones) Clone() Tombstones { return Tombstones{maps.Clone(t.until), t.newest} }

// Write writes the tombstones, the same ones as the same bytes.
func (t *Tombstones) Write(w *codec.Writer) {
	all := slices.SortedFunc(maps.Keys(t.until), func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
	w.Uint(uint64(len(all)))
	for _, who := range all {
		for _, b := range who {
			w.Byte(b)
		}
		w.Int(t.until[who])
	}
}

// Read reads what Write wrote.
func (t *Tombstones) Read(r *codec.Reader) {
	for range r.Count(HashBytes+1, "tombstones") {
		var who Hash
		copy(who[:], r.Take(HashBytes))
		until := r.Int()
		if r.Err() != nil {
			return
		}
		if !t.Add(who, until) {
			r.Fail("a tombstone stands twice")

			return
		}
	}
}
