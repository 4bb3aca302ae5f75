package windows

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"ebb/windows/codec"
)

// busy is a set that has something of everything: late marks, wide sums, sparse
// activity, pending events.
func busy(t require, lateness int64) *subject {
	c := defaultConfig()
	c.Lateness = lateness
	s := newSubject(t, c)
	clock := benchStart

	for i := range int64(120) {
		clock += 31_000
		s.add(fact{key: Key(i % 6), customer: uint32(i % 17), t: clock - i*7919%lateness, value: i << 55})

		if i%20 == 0 {
			s.advance(clock)
		}
	}

	return s
}

func TestEveryCorruptionIsFound(t *testing.T) {
	for _, lateness := range []int64{10 * minute, 3 * hour} {
		s := busy(t, lateness)
		image, _ := s.AppendBinary(nil)

		for i := range image {
			if _, err := Restore(s.config, image[:i]); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%d of %d bytes: %v", i, len(image), err)
			}

			broken := append([]byte(nil), image...)
			broken[i] ^= 0x41

			if _, err := Restore(s.config, broken); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("byte %d flipped: %v", i, err)
			}
		}
	}

	r := newRing(t, hour)
	r.Seen(identity{1, 2}, 0)
	r.Seen(identity{3, 4}, hour)
	image, _ := r.AppendBinary(nil)

	for i := range image {
		if _, err := RestoreRing(RingConfig{Lateness: hour}, image[:i]); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("ring: %d of %d bytes: %v", i, len(image), err)
		}
	}

	if _, err := RestoreRing(RingConfig{Lateness: -1}, image); !errors.Is(err, ErrConfig) {
		t.Errorf("ring: lateness -1: %v", err)
	}
}

func TestRestoreAsksForTheSameConfiguration(t *testing.T) {
	s := busy(t, 10*minute)
	image, _ := s.AppendBinary(nil)

	for want, change := range map[string]func(*Config){
		"the number of lengths":  func(c *Config) { c.Lengths = c.Lengths[:5] },
		"the size of length 1m":  func(c *Config) { c.Lengths[0].Size *= 2 },
		"the slide of length 5m": func(c *Config) { c.Lengths[1].Slide *= 5 },
		"lateness":               func(c *Config) { c.Lateness++ },
		"skew":                   func(c *Config) { c.Skew++ },
		"distinct keys":          func(c *Config) { c.DistinctKeys-- },
	} {
		c := defaultConfig()
		change(&c)

		if _, err := Restore(c, image); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Bytes with a right checksum and wrong contents.
func TestRestoreChecksWhatItReads(t *testing.T) {
	c := Config{Lengths: []Length{{"2s", 2000, 1000}}, Lateness: 100_000, Skew: 0, DistinctKeys: 1}
	far := Config{Lengths: []Length{{"2s", 2000, 1000}}, Lateness: 10_000, Skew: 0, DistinctKeys: 1}

	// From the started flag on; the tier's customers, then its slices.
	type numbers []any

	first := uint64(50 - (MinTime - 1)) // slice 50
	clock := int64(100_000)

	for want, body := range map[string]numbers{
		"started 2":                    {2},
		"before the first advance":     {0, clock, 0, 0, 0, 0},
		"clock":                        {1, MaxTime + 1, 0, 0, 0, 0},
		"refused":                      {1, clock, uint64(1 << 63)},
		"customers":                    {1, clock, 0, uint64(1 << 50)},
		"slices":                       {1, clock, 0, 0, 9},
		"slice: step 0":                {1, clock, 0, 0, 1, 0, 0, 0},
		"after the end of time":        {1, clock, 0, 0, 1, uint64(2 * MaxTime), 0, 0},
		"older than any":               {1, clock, 0, 0, 1, first - 60, 0, 0},
		"is empty":                     {1, clock, 0, 0, 1, first, 0, 0, 0},
		"key: step 65537":              {1, clock, 0, 0, 1, first, 1, 65537, 0, 1, int64(5), 0},
		"cell state 8":                 {1, clock, 0, 0, 1, first, 1, 1, 8, 1, int64(5), 0, 0},
		"has no events":                {1, clock, 0, 0, 1, first, 1, 4, 0, 0, int64(5), 0, 0},
		"new but not changed":          {1, clock, 0, 0, 1, first, 1, 1, 2, 1, int64(5), 0, 0},
		"a sum is not in its shortest": {1, clock, 0, 0, 1, first, 1, 1, 4, 1, int64(5), int64(0), 0},
		"outside of the windows that":  {1, clock, 0, 0, 1, first + 60, 1, 1, 1, 1, int64(5), 0, 0},
		"counting 2":                   {1, clock, 0, 0, 1, first, 1, 1, 0, 1, int64(5), 2},
		"count 4294967296":             {1, clock, 0, 0, 1, first, 1, 1, 0, 1, int64(5), 1, uint64(1 << 32), 0, 0, 0},
		"counts nobody":                {1, clock, 0, 0, 1, first, 1, 1, 0, 1, int64(5), 1, 0, 0, 0, 0},
		"blocks":                       {1, clock, 0, 0, 0, 9},
		"block 20 is older":            {1, int64(2_000_000_000), 0, 0, 0, 1, uint64(20 - (MinTime - 1)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"has an empty word":            {1, clock, 0, 0, 0, 1, first, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"key 7 counts no customers":    {1, clock, 0, 0, 0, 1, first, 1, 7, 1, 0, 0, 0, 0, 0, 0, 0},
		"bytes too many":               {1, clock, 0, 0, 0, 0, 0},
	} {
		if _, err := Restore(c, encode(c, body)); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, have %v", want, err)
		}
	}

	if _, err := Restore(c, encode(c, numbers{1, clock, 0, 0, 1, first, 1, 1, 0, 1, int64(5), 0, 0})); err != nil {
		t.Errorf("right bytes: %v", err)
	}

	if _, err := Restore(far, encode(far, numbers{0, MinTime, 0, 0, 0})); err != nil {
		t.Errorf("the bytes of an empty set: %v", err)
	}
}

// encode writes a configuration and then numbers, signed ones in zigzag.
func encode(c Config, body []any) []byte {
	s, _ := New(c)
	w := &codec.Writer{}
	w.Byte(setVersion)
	s.writeConfig(w)

	for i, n := range body {
		if i == 2 { // after the clock
			w.Int(max(MinTime, min(body[1].(int64)-c.Lateness, MaxTime)))
			w.Uint(uint64(c.Lateness + c.Skew))
		}

		switch n := n.(type) {
		case int:
			w.Uint(uint64(n))
		case uint64:
			w.Uint(n)
		case int64:
			w.Int(n)
		}
	}

	return seal(w, 0)
}

func TestRestoreRingChecksWhatItReads(t *testing.T) {
	first := uint64(1 - MinTime)
	id := func(w *codec.Writer, a, b uint64) { w.Fixed64(a); w.Fixed64(b) }

	for want, write := range map[string]func(*codec.Writer){
		"version is 9":  func(w *codec.Writer) { w.Bytes()[0] = 9; w.Uint(0) },
		"of 2^9 ms":     func(w *codec.Writer) { w.Bytes()[1] = leastShift - 1; w.Uint(0) },
		"of 2^51 ms":    func(w *codec.Writer) { w.Bytes()[1] = mostShift + 1; w.Uint(0) },
		"slices 5":      func(w *codec.Writer) { w.Uint(5) },
		"step 0":        func(w *codec.Writer) { w.Uint(1); w.Uint(0); w.Uint(1); id(w, 1, 2) },
		"holds nothing": func(w *codec.Writer) { w.Uint(1); w.Uint(first); w.Uint(0); w.Uint(0) },
		"pass the largest": func(w *codec.Writer) {
			w.Uint(1)
			w.Uint(first)
			w.Uint(0)
			w.Uint(2)
			w.Uint(1 << 63)
			w.Uint(1 << 63)
		},
		"packed identities 3": func(w *codec.Writer) { w.Uint(1); w.Uint(first); w.Uint(0); w.Uint(3); w.Uint(1) },
		"out of order": func(w *codec.Writer) {
			w.Uint(1)
			w.Uint(first)
			w.Uint(2)
			id(w, 1, 2)
			id(w, 1, 2)
			w.Uint(0)
		},
		"identities 2":  func(w *codec.Writer) { w.Uint(1); w.Uint(first); w.Uint(2); id(w, 1, 2) },
		"too many":      func(w *codec.Writer) { w.Uint(0); w.Byte(0) },
		"overlong":      func(w *codec.Writer) { w.Byte(0x80) },
		"shortest form": func(w *codec.Writer) { w.Raw([]byte{0x80, 0}) },
	} {
		w := &codec.Writer{}
		w.Byte(ringVersion)
		w.Byte(leastShift)
		w.Int(MinTime)
		write(w)

		if _, err := RestoreRing(RingConfig{Lateness: hour}, seal(w, 0)); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, have %v", want, err)
		}
	}
}

func TestRestoreOfAnotherVersion(t *testing.T) {
	s := newSubject(t, defaultConfig())
	image, _ := s.AppendBinary(nil)
	image[0]++
	binary.LittleEndian.PutUint32(image[len(image)-4:], checksum(image[:len(image)-4]))

	if _, err := Restore(s.config, image); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "version is 3") {
		t.Errorf("another version: %v", err)
	}
}

func TestActivityBytes(t *testing.T) {
	var a Activity
	if err := a.UnmarshalBinary(make([]byte, ActivitySize-1)); !errors.Is(err, ErrCorrupt) {
		t.Errorf("too few bytes: %v", err)
	}

	wrong := make([]byte, ActivitySize)
	wrong[0] = 1

	if err := a.UnmarshalBinary(wrong); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a time before all times: %v", err)
	}
}
