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
	if t < s.floor || t < MinTime || t > MaxTime || known && newest-t > s.config.Lateness+s.config.Skew {
		s.refused++
		return
	}

	for i := range s.tiers {
		s.tiers[i].touch(key, customer, a, known, newest, t)
	}

	if !known || t > newest {
		a.stamp = uint64(floorDiv(t, s.base)*s.base) ^ signBit
	}
}

// touch counts a customer in the windows that hold t and do not hold another of
// the customer's events yet.
//
// With n the span of a window, the customer's active slices fall into runs in
// which no gap is longer than n. The customer is in the windows from where a
// run begins to n slices after it ends: the first slice of a run counts a come,
// the last one a go. A newly active slice begins, ends, prolongs or joins runs,
// so only its neighbours need to be known. Remembering only the newest slice
// would not do: a customer seen again after a window's end, before that window
// is emitted, would vanish from it.
func (tr *tier) touch(key Key, customer uint32, a *Activity, known bool, newest, t int64) {
	index := tr.indexOf(t)

	var (
		near  neighbours
		fresh bool
	)

	if tr.sparse != nil {
		id := activeID(key, customer)
		if !known {
			tr.sparse.forget(id)
		}

		near, fresh = tr.sparse.mark(id, index, tr.most)
	} else {
		near, fresh = tr.place.mark(a, known, index-tr.indexBeside(newest))
	}

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

// indexBeside is the index of the slice that holds t; it leaves the hot slice
// alone.
func (tr *tier) indexBeside(t int64) int64 {
	if uint64(t-tr.hotStart) < uint64(tr.slide) {
		return tr.hotIndex
	}

	return floorDiv(t, tr.slide)
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
		w.totals[key].customers += int64(by)
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
		w.totals[key].customers -= int64(by)
	}
}
