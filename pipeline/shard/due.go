package shard

import (
	"math"

	"ebb/pipeline/churn"
)

// Never is a clock that does not come.
const Never = math.MaxInt64

// Waits says what a shard waits for, where nothing but time has to pass.
type Waits struct {
	Cut   bool  // outputs of what was taken are due at the next cut
	Due   int64 // the clock at which a window or something else of all customers is due, Unix ms; math.MaxInt64 for never
	Timer int64 // the clock of the next customer's timer, which may be many; math.MaxInt64 for never
}

// Waits says what the shard waits for. A partition without customers, whose
// last records are published, waits for nothing, however long it is idle.
func (s *Shard) Waits() Waits {
	w := Waits{Cut: s.sinceCut > s.ticked || s.stored.ahead > 0, Due: Never, Timer: s.timers.Next()}
	if w.Timer == churn.Never {
		w.Timer = Never
	}
	if s.customers.Len() == 0 {
		return w
	}

	// Windows, levels, the feed's steps and the periods of alerts end at whole
	// minutes, or whole slides that are shorter.
	every := int64(minute)
	for _, length := range s.config.Lengths {
		every = min(every, length.Slide)
	}
	w.Due = min(w.Due, s.clock-s.clock%every+every)
	if used := s.model.Parameters(); used.Version == 0 || s.asksForAlerts() || s.model.Step(s.clock) > used.Step {
		w.Due = min(w.Due, (s.interval+1)*s.config.CoordinateInterval.Milliseconds())
	}

	return w
}
