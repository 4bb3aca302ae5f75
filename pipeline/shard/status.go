package shard

import (
	"math"

	"ebb/pipeline/churn"
	"ebb/pipeline/clock"
)

// Status is how a shard does, for people to see and for an owner to go by. It is no
// part of what a shard publishes.
type Status struct {
	Counts     Counts
	Customers  int
	Levels     [churn.Levels]int64 // customers at each
	Cooling    churn.Score         // the risk from which customers are raised to cooling
	AtRisk     churn.Score         // and to at_risk
	ImportOpen bool                // ticks of the owner don't move the clock
	Feed       FeedState
	Leap       clock.Leap
	Waits      Waits
	Columns    []Column // that are kept of every customer; the same ones until others are kept
	Forgotten  Forgotten
}

// Status says how the shard does.
func (s *Shard) Status() Status {
	cooling, atRisk := s.detector.model.Thresholds()

	return Status{
		Counts:     s.counts,
		Customers:  s.customers.Len(),
		Levels:     s.detector.levels,
		Cooling:    cooling,
		AtRisk:     atRisk,
		ImportOpen: s.imported.open,
		Feed:       s.feed.state(),
		Leap:       s.timing.Leap(s.clock, s.imported.open),
		Waits:      waitsOf(s),
		Columns:    s.customers.kept.told,
		Forgotten:  s.forgets.status(),
	}
}

// Never is a clock that does not come.
const Never = math.MaxInt64

// Waits says what a shard waits for, where nothing but time has to pass.
type Waits struct {
	Cut   bool  // outputs of what was taken are due at the next cut
	Due   int64 // the clock at which a window or something else of all customers is due, Unix ms; math.MaxInt64 for never
	Timer int64 // the clock of the next customer's timer, which may be many; math.MaxInt64 for never
}

// waitsOf says what the shard waits for. A partition without customers, whose
// last records and rows of cohorts are published, waits for nothing, however long it is
// idle.
func waitsOf(s *Shard) Waits {
	w := Waits{Cut: s.cutter.since > s.cutter.ticked || s.timing.Held().Ahead > 0, Due: Never, Timer: s.detector.driver.Timers.Next()}
	if s.customers.Len() == 0 && !s.cohorts.changed() {
		return w
	}

	// Windows, levels, the feed's steps and the periods of alerts end at whole
	// minutes, or whole slides that are shorter.
	every := int64(minute)
	for _, length := range s.config.Lengths {
		every = min(every, length.Slide)
	}
	w.Due = min(w.Due, s.clock-s.clock%every+every)
	if s.reporter.asks() {
		w.Due = min(w.Due, (s.reporter.interval+1)*s.reporter.every)
	}

	return w
}
