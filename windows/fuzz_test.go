package windows

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzRestore restores arbitrary bytes, with their own checksum and with a right
// one. What is accepted must have these bytes again and must work.
func FuzzRestore(f *testing.F) {
	for _, lateness := range []int64{10 * minute, 3 * hour} {
		image, _ := busy(f, lateness).AppendBinary(nil)
		f.Add(image, lateness == 3*hour)
	}

	f.Fuzz(func(t *testing.T, image []byte, long bool) {
		c := defaultConfig()
		if long {
			c.Lateness = 3 * hour
		}

		if s, err := Restore(c, image); err == nil {
			useRestored(t, s, image)
		}

		if len(image) < 4 {
			return
		}

		body := image[:len(image)-4]
		sealed := binary.LittleEndian.AppendUint32(bytes.Clone(body), checksum(body))

		if s, err := Restore(c, sealed); err == nil {
			useRestored(t, s, sealed)
		}

		if r, err := RestoreRing(RingConfig{Lateness: hour}, sealed); err == nil {
			if again, _ := r.AppendBinary(nil); !bytes.Equal(again, sealed) {
				t.Fatal("a ring has other bytes than those it was restored from")
			}
		}
	})
}

// useRestored works on a restored set. Its clock may be anywhere.
func useRestored(t *testing.T, s *Set, image []byte) {
	if again, _ := s.AppendBinary(nil); !bytes.Equal(again, image) {
		t.Fatal("a set has other bytes than those it was restored from")
	}

	clock, _ := s.Clock()
	for i := range int64(20) {
		var a Activity
		s.Add(Key(i), clock+i*minute, i)
		s.Touch(Key(i%4), uint32(i), &a, clock+i*minute-5*minute)
		s.Advance(clock+i*minute, func(Row) {})
	}

	if s.Bytes() <= 0 {
		t.Fatal("a set takes no memory")
	}
}

// FuzzWindows reads operations from bytes, four bytes each, and compares with
// the oracle.
func FuzzWindows(f *testing.F) {
	f.Add([]byte{3, 20, 10, 0, 1, 5, 9, 2, 0, 7, 3, 1, 1, 1, 1, 1, 200, 3, 2, 1})
	f.Add([]byte{200, 255, 0, 1, 1, 5, 200, 2, 0, 7, 255, 1, 255, 1, 1, 1, 200, 3, 2, 1})

	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) < 4 || len(ops) > 4*60 {
			return
		}

		c := Config{
			Lengths: []Length{
				{Name: "a", Size: 3, Slide: 3},
				{Name: "b", Size: 3 * (1 + int64(ops[0])), Slide: 3},
				{Name: "c", Size: 40, Slide: 10},
			},
			Lateness: int64(ops[1]), Skew: int64(ops[2] % 32), DistinctKeys: 2,
		}
		s, o := newSubject(t, c), newOracle(c)
		clock := int64(ops[3]) - 128

		for ops = ops[4:]; len(ops) >= 4; ops = ops[4:] {
			clock += int64(ops[0] % 64)
			span := c.Lateness + c.Skew + 1
			event := fact{
				key: Key(ops[1] % 3), customer: uint32(ops[1] >> 4 % 4),
				t: clock - c.Lateness + int64(ops[2])*span/256, value: int64(ops[2]),
			}

			s.add(event)
			o.add(event)

			if ops[3]%3 == 0 {
				compare(t, s.advance(clock), o.advance(clock))
			}

			if ops[3]%8 == 1 {
				s.reload(t)
			}
		}

		compare(t, s.advance(clock+1000), o.advance(clock+1000))
	})
}

// FuzzGroups reads a group's width and operations from bytes, three bytes each,
// and compares the rows of groups and of single keys, and what a reader joins of
// them, with the oracle.
func FuzzGroups(f *testing.F) {
	f.Add([]byte{5, 20, 100, 4, 1, 50, 0, 2, 9, 6, 130, 0, 0, 4, 0, 90, 36, 0, 1})
	f.Add([]byte{64, 3, 255, 1, 8, 3, 9, 0, 0, 200, 60, 0, 0, 0, 8, 255, 33, 1, 7})

	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) < 3 || len(ops) > 3*60 {
			return
		}

		c := Config{
			Lengths: []Length{
				{Name: "a", Size: 3, Slide: 3},
				{Name: "b", Size: 3 * (1 + int64(ops[1]%64)), Slide: 3},
				{Name: "c", Size: 40, Slide: 10},
			},
			Lateness: int64(ops[2]), DistinctKeys: 1,
		}
		// Key 0 is alone, and so is the one between the groups.
		width := 1 + int(ops[0]%MaxGroupWidth)
		groups := []group{{1, width}, {Key(width) + 2, 2}}
		s, o, j := newSubject(t, c), newOracle(c), newJoiner(groups)
		o.groups = groups
		clock := int64(0)

		advance := func(clock int64) {
			rows := s.advance(clock)
			compare(t, rows, o.advance(clock))
			j.take(t, rows)
		}

		for _, g := range groups {
			s.declare(t, g)
		}

		for ops = ops[3:]; len(ops) >= 3; ops = ops[3:] {
			clock += int64(ops[0] % 32)
			event := fact{key: Key(int(ops[0]>>5) * (width + 3) / 7), t: clock - int64(ops[1])*c.Lateness/255, value: int64(ops[2])}
			s.add(event)
			o.add(event)

			if ops[2]%3 == 0 {
				advance(clock)
			}

			if ops[2]%8 == 1 {
				s.reload(t)
			}
		}

		advance(clock + 1000)
		compareVectors(t, j.vectors, o.vectors(clock+1000))
	})
}
