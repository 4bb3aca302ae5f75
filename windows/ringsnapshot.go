package windows

import "ebb/windows/codec"

// ringVersion is the version of a ring's binary form.
const ringVersion = 3

// AppendBinary appends the identities to dst, in an order that does not depend
// on how they came. The error is always nil.
func (r *Ring) AppendBinary(dst []byte) ([]byte, error) {
	w := codec.To(dst)
	w.Byte(ringVersion)
	w.Byte(byte(r.shift))
	w.Int(r.floor)
	w.Uint(uint64(len(r.slices)))

	last := MinTime - 1

	for i := range r.slices {
		s := &r.slices[i]
		w.Uint(uint64(s.index - last))
		last = s.index

		w.Uint(uint64(s.tabled()))

		for _, id := range s.sorted() {
			w.Fixed64(id[0])
			w.Fixed64(id[1])
		}

		s.packed.write(&w)
	}

	return seal(&w, len(dst)), nil
}

// write writes the keys as their distances, which take fewer bytes the more
// there are.
func (p *packed) write(w *codec.Writer) {
	w.Uint(uint64(p.len()))
	if p == nil {
		return
	}

	last := uint64(0)
	for i, key := range p.keys {
		if i == 0 {
			w.Uint(key)
		} else {
			w.Uint(key - last)
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

	if v := r.Byte(); r.Err() == nil && v != ringVersion {
		return nil, corrupt("version is %d, this program reads %d", v, ringVersion)
	}

	// The slices stay as long as they were when the identities were seen, even
	// if that is no longer the best for the lateness.
	if ring.shift = int(r.Byte()); r.Err() == nil && (ring.shift < leastShift || ring.shift > mostShift) {
		return nil, corrupt("slices of 2^%d ms, 2^%d to 2^%d can be", ring.shift, leastShift, mostShift)
	}

	ring.floor = r.IntIn(MinTime, MaxTime, "floor")
	last := MinTime - 1

	for range r.Count(3, "slices") {
		last = r.Next(last, MaxTime, "slice")

		if !ring.readSlice(r, last) {
			break
		}
	}

	if err := r.End(); err != nil {
		return nil, err
	}

	return ring, nil
}

func (r *Ring) readSlice(from *codec.Reader, index int64) bool {
	n := from.Count(16, "identities")
	if from.Err() != nil {
		return false
	}

	s := ringSet{index: index, table: r.free.take(n)}
	last := identity{}

	for i := range n {
		id := identity{from.Fixed64(), from.Fixed64()}
		if from.Err() == nil && i > 0 && !before(last, id) {
			from.Fail("slice %d is out of order", index)
		}

		if from.Err() != nil {
			return false
		}

		s.insert(r.mixer, id)
		last = id
	}

	s.packed = readPacked(from, index)
	if from.Err() == nil && s.len() == 0 {
		from.Fail("slice %d holds nothing", index)
	}

	r.count += s.len()
	r.slices = append(r.slices, s)

	return from.Err() == nil
}

// readPacked reads what write wrote.
func readPacked(r *codec.Reader, index int64) *packed {
	n := r.Count(1, "packed identities")
	if n == 0 {
		return nil
	}

	keys := make([]uint64, n)
	for i := range keys {
		step := r.Uint()
		if i == 0 {
			keys[0] = step

			continue
		}
		if keys[i] = keys[i-1] + step; keys[i] < keys[i-1] {
			r.Fail("packed identities of slice %d pass the largest", index)
		}
		if r.Err() != nil {
			return nil
		}
	}

	return &packed{keys}
}

func before(a, b identity) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }
