package windows

import "fmt"

// Activities hands over every customer's activity by distinct key, which the
// visitor may change.
type Activities func(visit func(customer uint32, key Key, a *Activity))

// Reconfigure gives the set another lateness and skew and keeps what it holds,
// groups too. It must follow an Advance, without an event in between. What is
// final stays final: the floor never falls, so a longer lateness reaches back as
// far as it says only once the clock has moved on by it; a shorter one is in
// force at once.
//
// Where customers' recent slices are kept depends on how far events can lie
// apart, so they may move; the bytes of the state follow from the events alone as
// before. The error wraps [ErrConfig], and then nothing has changed.
func (s *Set) Reconfigure(lateness, skew int64, activities Activities) error {
	c := s.config
	c.Lateness, c.Skew = lateness, skew
	if err := c.Validate(); err != nil {
		return err
	}
	if len(s.occupied)+len(s.filled) > 0 && s.started {
		return fmt.Errorf("%w: events were added since the last advance", ErrConfig)
	}
	ahead := skew // of the clock, the newest event
	activities(func(_ uint32, _ Key, a *Activity) {
		if newest, known := a.Newest(); known && s.started {
			ahead = max(ahead, newest+s.base-s.clock)
		}
	})
	s.config = c
	s.floor = max(s.floor, Watermark(s.clock, lateness))
	s.replace(lateness+ahead, activities)
	for i := range s.tiers {
		s.tiers[i].drop(s.floor)
	}

	return nil
}

// replace decides anew where customers' slices are kept, and moves them.
func (s *Set) replace(reach int64, activities Activities) {
	former := make([]tier, len(s.tiers))
	copy(former, s.tiers)
	s.reach = reach
	placeActivity(s.tiers, reach)

	moves := false
	for i := range s.tiers {
		moves = moves || s.tiers[i].place != former[i].place || (s.tiers[i].sparse == nil) != (former[i].sparse == nil)
		if s.tiers[i].sparse != nil && former[i].sparse != nil {
			s.tiers[i].sparse = former[i].sparse
		}
	}
	if !moves {
		return
	}
	active := make([][]int64, len(s.tiers))
	activities(func(customer uint32, key Key, a *Activity) {
		newest, known := a.Newest()
		if !known || key >= s.distinct {
			return
		}
		for i := range former {
			active[i] = former[i].activeSlices(active[i][:0], activeID(key, customer), a, newest)
		}
		a.bits = [activityHalves]uint32{}
		for i := range s.tiers {
			s.tiers[i].keepActive(active[i], activeID(key, customer), a, newest, s.floor, former[i].sparse)
		}
	})
}

// activeSlices appends the slices of a tier in which a customer is known to have
// been active.
func (tr *tier) activeSlices(dst []int64, id uint64, a *Activity, newest int64) []int64 {
	last := floorDiv(newest, tr.slide)
	if tr.sparse == nil {
		word := tr.place.load(a)
		for back := range int64(64) {
			if word>>back&1 != 0 {
				dst = append(dst, last-back)
			}
		}

		return dst
	}
	for i := range tr.sparse.blocks {
		b := &tr.sparse.blocks[i]
		word := b.words.get(id)
		for at := range int64(64) {
			if word>>at&1 != 0 {
				dst = append(dst, b.index<<6+at)
			}
		}
	}

	return dst
}

// keepActive puts them where the tier keeps them now. former is where they are
// already, if that is the same.
func (tr *tier) keepActive(slices []int64, id uint64, a *Activity, newest, floor int64, former *activeSets) {
	if tr.sparse == nil {
		last, word := floorDiv(newest, tr.slide), uint64(0)
		for _, index := range slices {
			if back := last - index; back >= 0 && back < 64 {
				word |= 1 << back
			}
		}
		tr.place.store(a, word)

		return
	}
	if tr.sparse == former {
		return
	}
	for _, index := range slices {
		if index>>6 >= tr.firstNeeded(floor)>>6 {
			tr.sparse.mark(id, index, 0)
		}
	}
}
