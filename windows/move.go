package windows

import (
	"iter"
	"slices"
)

// Trace is where a customer was active under a key, in the slices that windows which are
// not final yet can hold. It goes from the set that a customer leaves to the one to
// which they come.
type Trace struct {
	// Newest is the newest time, rounded down to the finest slice, in Unix milliseconds.
	Newest int64
	Tiers  []TierTrace // those in which there is something, finest first
}

// TierTrace is the part of a trace in slices of one length.
type TierTrace struct {
	Slide  int64   // of the windows, and the length of a slice, in milliseconds
	Slices []int64 // numbers of slices, ascending: slice i begins at i × Slide
}

// Leave takes a customer out of a key's distinct customers in all windows that end
// after a time, which must not lie before the last Advance's clock less the lateness:
// somewhere else they are counted as somebody else. Windows that end by then stay, and
// so do events in all of them. The activity begins anew. Rows that changed come with the
// next Advance. False means that nothing was to be taken out.
func (s *Set) Leave(key Key, customer uint32, a *Activity, until int64) (Trace, bool) {
	newest, known := a.Newest()
	if !known || key >= s.distinct {
		return Trace{}, false
	}

	trace := Trace{Newest: newest}

	for i := range s.tiers {
		tr := &s.tiers[i]
		id, final := activeID(key, customer), floorDiv(until, tr.slide)
		active := tr.ascending(id, a, newest)

		for _, w := range tr.windows {
			tr.retract(key, w, active, final)
		}

		if tr.sparse != nil {
			tr.sparse.forget(id)
		}

		if active = tr.open(active, final); len(active) > 0 {
			tr.repeat(key, active)
			trace.Tiers = append(trace.Tiers, TierTrace{Slide: tr.slide, Slices: active})
		}
	}

	*a = Activity{}

	return trace, len(trace.Tiers) > 0
}

// Come counts a customer among a key's distinct customers where somebody was active who
// left another set and is the same: in the windows that end after a time, which must
// not lie before the last Advance's clock less the lateness, and in which the customer
// does not count already. So to come twice changes nothing. The trace must not reach
// further ahead than an event may. Slices of lengths that the set does not have are
// passed over. Rows that changed come with the next Advance; there are rows without an
// event where nobody else was.
func (s *Set) Come(key Key, customer uint32, a *Activity, trace *Trace, until int64) {
	if key >= s.distinct {
		return
	}

	newest, known := a.Newest()
	former := newest

	if came := floorDiv(trace.Newest, s.base) * s.base; !known || came > newest {
		newest = came
	}

	for i := range s.tiers {
		tr := &s.tiers[i]
		id, final := activeID(key, customer), floorDiv(until, tr.slide)

		var active []int64
		if known {
			active = tr.ascending(id, a, former)
		} else if tr.sparse != nil {
			tr.sparse.forget(id)
		}

		fresh := tr.unknown(trace, active, final, newest)
		all := slices.Concat(active, fresh)
		slices.Sort(all)

		if len(fresh) > 0 {
			for _, w := range tr.windows {
				tr.retract(key, w, active, final)
				tr.extend(key, w, all, final)
			}

			tr.repeat(key, fresh)
		}

		tr.keepActive(all, id, a, newest, s.floor, nil)
	}

	a.stamp = uint64(newest) ^ signBit
}

// ascending gives the slices in which a customer is known to have been active.
func (tr *tier) ascending(id uint64, a *Activity, newest int64) []int64 {
	active := tr.activeSlices(nil, id, a, newest)
	slices.Sort(active)

	return active
}

// open gives those of the slices that lie in windows which end after final.
func (tr *tier) open(active []int64, final int64) []int64 {
	at, _ := slices.BinarySearch(active, final-tr.most+1)

	return active[at:]
}

// unknown gives the slices of a trace, up to the newest, that are not active yet and
// lie in windows which end after final.
func (tr *tier) unknown(trace *Trace, active []int64, final, newest int64) (fresh []int64) {
	for _, t := range trace.Tiers {
		if t.Slide != tr.slide {
			continue
		}

		for _, index := range tr.open(t.Slices, final) {
			if _, known := slices.BinarySearch(active, index); !known && index <= floorDiv(newest, tr.slide) {
				fresh = append(fresh, index)
			}
		}
	}

	return fresh
}

// runs cuts active slices, ascending, where windows of a span hold neither of two
// neighbors, and gives the first and the last slice of each piece. See tier.touch.
func runs(active []int64, span int64) iter.Seq2[int64, int64] {
	return func(yield func(first, last int64) bool) {
		for at := 0; at < len(active); {
			first := active[at]
			for at++; at < len(active) && active[at]-active[at-1] <= span; at++ {
			}

			if !yield(first, active[at-1]) {
				return
			}
		}
	}
}

// retract takes a customer with these active slices out of the ends after final. A
// run in which final lies ends there: as if its last slice were the one whose windows
// end at final. One that ends there by itself is none of them, and the next event may
// prolong it.
func (tr *tier) retract(key Key, w *window, active []int64, final int64) {
	for first, last := range runs(active, w.span) {
		if last+w.span < final {
			continue
		}

		tr.addGoes(tr.find(last), key, w, -1)

		if first >= final {
			tr.addComes(tr.find(first), key, w, -1)
		} else {
			tr.addGoes(tr.counting(final-w.span), key, w, 1)
		}
	}
}

// extend counts a customer with these active slices in the ends after final. A run in
// which final lies begins there. No event can come before that slice any more, so
// nobody asks whether the customer came with an earlier one.
func (tr *tier) extend(key Key, w *window, active []int64, final int64) {
	for first, last := range runs(active, w.span) {
		if last+w.span < final {
			continue
		}

		tr.addComes(tr.counting(max(first, final)), key, w, 1)
		tr.addGoes(tr.counting(last), key, w, 1)
	}
}

// counting is the slice with this index, ready to count customers.
func (tr *tier) counting(index int64) *slice {
	sl := tr.at(index)
	if sl.counts == nil {
		sl.counts = tr.newCounts()
	}

	return sl
}

// repeat has the rows that hold these slices emitted again, or for the first time.
func (tr *tier) repeat(key Key, active []int64) {
	for _, index := range active {
		tr.addTo(tr.at(index), key, 0, Sum{})
	}
}
