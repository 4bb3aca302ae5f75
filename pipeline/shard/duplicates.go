package shard

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/event"
)

// seen says whether an event that is in time came before, and remembers it.
func (s *Shard) seen(ev *event.Event) bool {
	byID := s.config.Duplicates.ByID
	if s.former != nil && s.former.Known(s.identityOf(ev, !byID), s.timeOf(ev, !byID)) {
		return true
	}

	return s.ring.Seen(s.identityOf(ev, byID), s.timeOf(ev, byID))
}

// timeOf is the time by which an event is remembered.
func (s *Shard) timeOf(ev *event.Event, byID bool) int64 {
	if byID {
		return s.clock
	}

	return ev.Time
}

// expireIdentities forgets what can't come again.
func (s *Shard) expireIdentities() {
	s.ring.Expire(s.clock)
	if s.former == nil {
		return
	}
	if s.former.Expire(s.clock); s.former.Len() == 0 {
		s.former = nil
	}
}

// forgotten says whether an event is so old that its copies, if there were any,
// had to be forgotten. It counts as late.
func (s *Shard) forgotten(ev *event.Event) bool {
	return !s.config.Duplicates.ByID && ev.Time < s.ring.Floor()
}

// identityOf is a 128-bit hash of what makes an event itself: customer and id,
// and the time unless it is by id alone. The chance that two of a billion
// differing events within the lateness share one is below 10^-20.
func (s *Shard) identityOf(ev *event.Event, byID bool) [2]uint64 {
	key := binary.LittleEndian.AppendUint16(s.identity[:0], uint16(len(ev.Customer)))
	key = append(key, ev.Customer...)
	key = append(key, ev.ID...)
	if !byID {
		key = binary.LittleEndian.AppendUint64(key, uint64(ev.Time))
	}
	s.identity = key
	sum := xxh3.Hash128(key)

	return [2]uint64{sum.Hi, sum.Lo}
}
