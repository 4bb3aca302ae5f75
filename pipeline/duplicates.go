package pipeline

import (
	"encoding/binary"
	"fmt"
	"time"

	"ebb/windows"

	"github.com/zeebo/xxh3"
)

// Duplicates says when two events are the same, and how many are remembered to
// tell.
type Duplicates struct {
	// ByID takes events of one customer with one id for the same whatever their
	// times, as of a producer that retries with a new time. Otherwise the time
	// has to be the same too; then an event is told from its copies for exactly
	// as long as it isn't late.
	ByID bool `json:",omitzero"`

	// Keep is how long by the clock an id is remembered at least, and up to an
	// eighth longer; with ByID alone.
	Keep time.Duration `json:",omitzero"`

	// AtMost bounds the identities that a shard remembers, of about 8 bytes
	// each. With more of them the oldest are forgotten: events with times as old
	// count as late then, because nobody can tell any more whether they came
	// before. With ByID ids are remembered for a shorter time instead.
	AtMost int
}

// Default values and bounds of Duplicates.
const (
	DefaultIdentities = 20_000_000
	LeastIdentities   = 1000
	MostIdentities    = 1 << 30
	DefaultKeepByID   = 24 * time.Hour
	LeastKeepByID     = time.Minute
	MostKeepByID      = 31 * 24 * time.Hour
)

func (d Duplicates) validate() error {
	switch {
	case d.AtMost < LeastIdentities || d.AtMost > MostIdentities:
		return fmt.Errorf("duplicates at most is %d; it must be %d to %d", d.AtMost, LeastIdentities, MostIdentities)
	case d.ByID && (d.Keep < LeastKeepByID || d.Keep > MostKeepByID):
		return fmt.Errorf("duplicates keep is %v; it must be %v to %v", d.Keep, LeastKeepByID, MostKeepByID)
	case !d.ByID && d.Keep != 0:
		return fmt.Errorf("duplicates keep is %v, but they are told by time; it is for those by id alone", d.Keep)
	}

	return nil
}

// Slice is the unit in which the memory of ids ends, in ms: an id is known from
// its event on until the slice of its clock ends before Keep.
func (d Duplicates) Slice() int64 { return d.Ring(0).Slice() }

// Ring is the config of a ring that remembers the events within a lateness.
func (d Duplicates) Ring(lateness time.Duration) windows.RingConfig {
	config := windows.RingConfig{Lateness: lateness.Milliseconds(), Most: d.AtMost}
	if d.ByID {
		config.Lateness, config.Anywhere = d.Keep.Milliseconds(), true
	}

	return config
}

// seen says whether an event that is in time came before, and remembers it.
func (s *Shard) seen(event *Event) bool {
	byID := s.config.Duplicates.ByID
	if s.former != nil && s.former.Known(s.identityOf(event, !byID), s.timeOf(event, !byID)) {
		return true
	}

	return s.ring.Seen(s.identityOf(event, byID), s.timeOf(event, byID))
}

// timeOf is the time by which an event is remembered.
func (s *Shard) timeOf(event *Event, byID bool) int64 {
	if byID {
		return s.clock
	}

	return event.Time
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
func (s *Shard) forgotten(event *Event) bool {
	return !s.config.Duplicates.ByID && event.Time < s.ring.Floor()
}

// identityOf is a 128-bit hash of what makes an event itself: customer and id,
// and the time unless it is by id alone. The chance that two of a billion
// differing events within the lateness share one is below 10^-20.
func (s *Shard) identityOf(event *Event, byID bool) [2]uint64 {
	key := binary.LittleEndian.AppendUint16(s.identity[:0], uint16(len(event.Customer)))
	key = append(key, event.Customer...)
	key = append(key, event.ID...)
	if !byID {
		key = binary.LittleEndian.AppendUint64(key, uint64(event.Time))
	}
	s.identity = key
	sum := xxh3.Hash128(key)

	return [2]uint64{sum.Hi, sum.Lo}
}
