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
