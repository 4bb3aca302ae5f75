package windows

// ringVersion is the version of a ring's binary form.
const ringVersion = 3

// AppendBinary appends the identities to dst, in an order that does not depend
// on how they came. The error is always nil.
func (r *Ring) AppendBinary(dst []byte) ([]byte, error) {
	w := &writer{buf: dst}
	w.byte(ringVersion)
	w.byte(byte(r.shift))
	w.int(r.floor)
	w.uint(uint64(len(r.slices)))

	last := MinTime - 1

	for i := range r.slices {
		s := &r.slices[i]
		w.uint(uint64(s.index - last))
		last = s.index

		w.uint(uint64(s.tabled()))

		for _, id := range s.sorted() {
			w.fixed(id[0])
			w.fixed(id[1])
		}

		w.packed(s.packed)
	}

	return w.seal(len(dst)), nil
}

// packed writes the keys as their distances, which take fewer bytes the more
// there are.
func (w *writer) packed(p *packed) {
	w.uint(uint64(p.len()))
	if p == nil {
		return
	}

	last := uint64(0)
	for i, key := range p.keys {
		if i == 0 {
			w.uint(key)
		} else {
			w.uint(key - last)
		}
		last = key
	}
}

// RestoreRing returns the ring that AppendBinary wrote, for a config that may
// have another lateness and bound than the former. Errors wrap [ErrConfig] or
// [ErrCorrupt]; no bytes make it panic or take much more memory than they are
// long.
func RestoreRing(config RingConfig, src []byte) (*Ring, error) {
	ring, err := NewRing(config)
	if err != nil {
		return nil, err
	}

	r, err := unseal(src)
	if err != nil {
		return nil, err
	}

	if v := r.byte(); r.err == nil && v != ringVersion {
		return nil, corrupt("version is %d, this program reads %d", v, ringVersion)
	}

	// The slices stay as long as they were when the identities were seen, even
	// if that is no longer the best for the lateness.
	if ring.shift = int(r.byte()); r.err == nil && (ring.shift < leastShift || ring.shift > mostShift) {
		return nil, corrupt("slices of 2^%d ms, 2^%d to 2^%d can be", ring.shift, leastShift, mostShift)
	}

	ring.floor = r.intIn(MinTime, MaxTime, "floor")
	last := MinTime - 1

	for range r.count(3, "slices") {
		last = r.next(last, MaxTime, "slice")

		if !ring.readSlice(r, last) {
			break
		}
	}

	if err := r.end(); err != nil {
		return nil, err
	}

	return ring, nil
}

func (r *Ring) readSlice(from *reader, index int64) bool {
	n := from.count(16, "identities")
	if from.err != nil {
		return false
	}

	s := ringSet{index: index, table: r.free.take(n)}
	last := identity{}

	for i := range n {
		id := identity{from.fixed(), from.fixed()}
		if from.err == nil && i > 0 && !before(last, id) {
			from.fail("slice %d is out of order", index)
		}

		if from.err != nil {
			return false
		}

		s.insert(r.mixer, id)
		last = id
	}

	s.packed = from.packed(index)
	if from.err == nil && s.len() == 0 {
		from.fail("slice %d holds nothing", index)
	}

	r.count += s.len()
	r.slices = append(r.slices, s)

	return from.err == nil
}

// packed reads what the writer's packed wrote.
func (r *reader) packed(index int64) *packed {
	n := r.count(1, "packed identities")
	if n == 0 {
		return nil
	}

	keys := make([]uint64, n)
	for i := range keys {
		step := r.uint()
		if i == 0 {
			keys[0] = step

			continue
		}
		if keys[i] = keys[i-1] + step; keys[i] < keys[i-1] {
			r.fail("packed identities of slice %d pass the largest", index)
		}
		if r.err != nil {
			return nil
		}
	}

	return &packed{keys}
}

func before(a, b identity) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
