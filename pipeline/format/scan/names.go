package scan

import (
	"bytes"
	"hash/maphash"
)

// Span is text of the message, or of the scratch buffer.
type Span struct {
	begin, end int
	scratch    bool
}

// Text is the text of a span.
func (t *Scanner) Text(s Span) []byte {
	if s.scratch {
		return t.Scratch[s.begin:s.end:s.end]
	}

	return t.Data[s.begin:s.end:s.end]
}

// Scope is an object that is open.
type Scope struct {
	begin  int    // where its names begin in Scanner.names
	object uint32 // its number within the event
}

// fewNames is up to how many names of an object are compared one by one.
// A set costs more for so few.
const fewNames = 8

// Open begins an object.
func (t *Scanner) Open() Scope {
	t.objects++

	return Scope{begin: len(t.names), object: t.objects}
}

// Close ends the object that was opened last.
func (t *Scanner) Close(s Scope) {
	t.names = t.names[:s.begin]
}

// Unique adds a name to the object that was opened last and reports whether
// it is new there.
func (t *Scanner) Unique(s Scope, name Span) bool {
	own := t.names[s.begin:]
	t.names = append(t.names, name)

	if len(own) < fewNames {
		text := t.Text(name)

		for _, other := range own {
			if bytes.Equal(t.Text(other), text) {
				return false
			}
		}

		return true
	}

	if len(own) == fewNames {
		for _, other := range own {
			t.set.add(s.object, t.Text(other))
		}
	}

	return t.set.add(s.object, t.Text(name))
}

// nameSet is a set of (object, name) with open addressing. Its hash has a
// random seed, so that nobody can send names that collide; no result depends
// on the seed.
type nameSet struct {
	seed  maphash.Seed
	slots []nameSlot // a power of two
	used  int
	epoch uint32 // slots of another epoch are free
}

type nameSlot struct {
	hash   uint64
	name   []byte
	object uint32
	epoch  uint32
}

// clear empties the set without touching its slots.
func (s *nameSet) clear() {
	if s.used == 0 {
		return
	}

	s.used = 0
	s.epoch++

	if s.epoch == 0 { // it wrapped: old slots would look used
		clear(s.slots)
		s.epoch = 1
	}
}

// add reports whether the name is new to the object.
func (s *nameSet) add(object uint32, name []byte) bool {
	if 2*s.used >= len(s.slots) {
		s.grow()
	}

	hash := maphash.Bytes(s.seed, name) + uint64(object)*0x9e3779b97f4a7c15
	slot := s.find(hash, object, name)

	if slot.epoch == s.epoch {
		return false
	}

	*slot = nameSlot{hash: hash, name: name, object: object, epoch: s.epoch}
	s.used++

	return true
}

// find is the slot of the name, or the free slot where it belongs.
func (s *nameSet) find(hash uint64, object uint32, name []byte) *nameSlot {
	mask := uint64(len(s.slots) - 1)

	for at := hash & mask; ; at = (at + 1) & mask {
		slot := &s.slots[at]

		if slot.epoch != s.epoch || slot.hash == hash && slot.object == object && bytes.Equal(slot.name, name) {
			return slot
		}
	}
}

// grow doubles the set.
func (s *nameSet) grow() {
	old := s.slots
	s.slots = make([]nameSlot, max(64, 2*len(old)))

	if s.epoch == 0 {
		s.epoch = 1 // a slot of epoch 0 was never used
	}

	for _, slot := range old {
		if slot.epoch == s.epoch {
			*s.find(slot.hash, slot.object, slot.name) = slot
		}
	}
}
