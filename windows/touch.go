package windows

// Touch counts the customer of an accepted event among a key's distinct
// customers. It goes together with an Add of the same key and time, and obeys
// the same rule about t. A key that does not count customers is ignored.
//
// The caller keeps one Activity for each customer and distinct key, and numbers
// the customers. A number may be given to another customer, whose activities
// then begin as zero values.
func (s *Set) Touch(key Key, customer uint32, a *Activity, t int64) {
	if key >= s.distinct {
		return
	}

	newest, known := a.Newest()
	if known && uint64(t-newest) < uint64(s.base) && t >= s.floor {
		return
	}

	// The bitmaps reach back as far as accepted events can lie apart.
	if t < s.floor || t > MaxTime || known && newest-t > s.reach {
		s.refused++
		return
	}

	for i := range s.tiers {
		tr := &s.tiers[i]
		index := tr.indexOf(t)

		// Most often the customer was active in the slice of a coarse tier.
		if known && uint64(newest-tr.hotStart) < uint64(tr.slide) {
			continue
		}

		tr.touch(key, customer, a, index)
	}

	if !known || t > newest {
		if uint64(t-s.hotStart) >= uint64(s.base) {
			s.seek(t)
		}

		a.stamp = uint64(s.hotStart) ^ signBit
	}
}

// touch counts a customer in the windows that hold the hot slice and do not hold
// another of the customer's events yet.
//
// With n the span of a window, the customer's active slices fall into runs in
// which no gap is longer than n. The customer is in the windows from where a
// run begins to n slices after it ends: the first slice of a run counts a come,
// the last one a go. A newly active slice begins, ends, prolongs or joins runs,
// so only its neighbors need to be known. Remembering only the newest slice
// would not do: a customer seen again after a window's end, before that window
// is emitted, would vanish from it.
func (tr *tier) touch(key Key, customer uint32, a *Activity, index int64) {
	near, fresh := tr.mark(key, customer, a, index)
	if !fresh {
		return
	}

	self := tr.at(index)
	if self.counts == nil {
		self.counts = tr.newCounts()
	}

	for _, w := range tr.windows {
		before := near.before > 0 && near.before <= w.span
		after := near.after > 0 && near.after <= w.span

		// In the middle of a run nothing changes.
		if before && after && near.before+near.after <= w.span {
			continue
		}

		if before {
			tr.addGoes(tr.find(index-near.before), key, w, -1)
		} else {
			tr.addComes(self, key, w, 1)
		}

		if after {
			tr.addComes(tr.find(index+near.after), key, w, -1)
		} else {
			tr.addGoes(self, key, w, 1)
		}
	}
}

// mark remembers that a customer is active in the hot slice, and says where that
// slice stands among the others; false means that it was known.
func (tr *tier) mark(key Key, customer uint32, a *Activity, index int64) (neighbors, bool) {
	newest, known := a.Newest()

	if tr.sparse == nil {
		return tr.place.mark(a, known, tr.ahead(newest))
	}

	id := activeID(key, customer)
	if !known {
		tr.sparse.forget(id)
	}

	return tr.sparse.mark(id, index, tr.most)
}

// ahead is how many slices the hot slice lies after the one that holds time t;
// 64 stands for more. Most answers need no division.
func (tr *tier) ahead(t int64) int64 {
	switch d := tr.hotStart - t; {
	case d <= -tr.slide:
		return -(-d / tr.slide)
	case d <= 0:
		return 0
	case d <= tr.slide:
		return 1
	case d > 63*tr.slide:
		return 64
	default:
		return (d + tr.slide - 1) / tr.slide
	}
}

// addComes changes a slice's comes, and the running total if the slice has
// entered the window that was emitted last.
func (tr *tier) addComes(sl *slice, key Key, w *window, by int32) {
	// Missing only if an Activity comes from elsewhere.
	if sl == nil || sl.counts == nil {
		return
	}

	sl.counts[tr.come(key, w)] += by
	if sl.index < tr.end {
		w.totals[key].customers += by
	}
}

// addGoes changes a slice's goes, and the running total if the slice has left
// the window that was emitted last.
func (tr *tier) addGoes(sl *slice, key Key, w *window, by int32) {
	if sl == nil || sl.counts == nil {
		return
	}

	sl.counts[tr.goes(key, w)] += by
	if sl.index < tr.end-w.span {
		w.totals[key].customers -= by
	}
}
