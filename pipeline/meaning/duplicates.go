package meaning

import (
	"fmt"
	"time"

	"ebb/windows"
)

// Default values and bounds of Duplicates.
const (
	DefaultIdentities = 20_000_000
	LeastIdentities   = 1000
	MostIdentities    = 1 << 30
	DefaultKeepByID   = 24 * time.Hour
	LeastKeepByID     = time.Minute
	MostKeepByID      = 31 * 24 * time.Hour
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
