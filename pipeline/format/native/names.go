package native

import (
	"bytes"
	"hash/maphash"
)

// span is text of the message, or of the scratch buffer.
type span struct {
	begin, end int
	scratch    bool
}

// text is the text of a span.
func (d *Decoder) text(s span) []byte {
	if s.scratch {
		return d.scratch[s.begin:s.end:s.end]
	}

	return d.data[s.begin:s.end:s.end]
}

// scope is an object that is open.
type scope struct {
	begin  int    // where its names begin in Decoder.names
	object uint32 // its number within the event
}

// fewNames is up to how many names of an object are compared one by one.
// A set costs more for so few.
const fewNames = 8

// open begins an object.
func (d *Decoder) open() scope {
	d.objects++

	return scope{begin: len(d.names), object: d.objects}
}

// close ends the object that was opened last.
func (d *Decoder) close(s scope) {
	d.names = d.names[:s.begin]
}

// unique adds a name to the object that was opened last and reports whether
// it is new there.
func (d *Decoder) unique(s scope, name span) bool {
	own := d.names[s.begin:]
	d.names = append(d.names, name)

	if len(own) < fewNames {
		text := d.text(name)

		for _, other := range own {
			if bytes.Equal(d.text(other), text) {
				return false
			}
		}

		return true
	}

	if len(own) == fewNames {
		for _, other := range own {
			d.set.add(s.object, d.text(other))
		}
	}

	return d.set.add(s.object, d.text(name))
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
