package windows

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

func benchConfig() Config {
	return Config{Lengths: Defaults(), Lateness: 10 * minute, Skew: 5 * minute, DistinctKeys: 4}
}

func benchSet(b *testing.B, c Config) *Set {
	s, err := New(c)
	if err != nil {
		b.Fatal(err)
	}

	return s
}

const benchStart int64 = 1_750_000_000_000

// benchEvent is what a shard does for one event: four Adds and two Touches.
func benchEvent(b *testing.B, s *Set, customers int, disorder int64) {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 20, uint64(customers-1))
	activities := make([][2]Activity, customers)

	// Drawn before, so that only the set is measured.
	const drawn = 1 << 16

	var events [drawn]struct {
		customer uint32
		kind, ch Key
		behind   int64
	}
	for i := range events {
		events[i].customer = uint32(zipf.Uint64())
		events[i].kind = 1 + Key(random.Uint32N(3))
		events[i].ch = 4 + Key(random.Uint32N(40))
		events[i].behind = random.Int64N(disorder + 1)
	}

	clock, cut := benchStart, benchStart
	rows := 0

	b.ReportAllocs()

	for i := 0; b.Loop(); i++ {
		e := &events[i%drawn]

		// 1000 events a second in a shard, a cut each second.
		clock++
		if clock-cut >= 1000 {
			cut = clock
			s.Advance(cut, func(Row) { rows++ })
		}

		t := clock - e.behind
		a := &activities[e.customer]
		s.Add(0, t, 1_000_000)
		s.Add(e.kind, t, 1_000_000)
		s.Add(e.ch, t, 1_000_000)
		s.Add(e.ch+40, t, 1_000_000)
		s.Touch(0, e.customer, &a[0], t)
		s.Touch(e.kind, e.customer, &a[1], t)
	}

	b.ReportMetric(float64(s.Bytes()), "set-bytes")
}

func BenchmarkEvent(b *testing.B) {
	sparse := benchConfig()
	sparse.Lateness = 3 * day

	b.Run("order=1s", func(b *testing.B) { benchEvent(b, benchSet(b, benchConfig()), 60_000, 1000) })
	b.Run("order=10m", func(b *testing.B) { benchEvent(b, benchSet(b, benchConfig()), 60_000, 10*minute) })
	b.Run("lateness=3d", func(b *testing.B) { benchEvent(b, benchSet(b, sparse), 60_000, 10*minute) })
}

func BenchmarkAdd(b *testing.B) {
	s := benchSet(b, benchConfig())
	t := benchStart

	for b.Loop() {
		s.Add(7, t, 1_000_000)
	}
}

func BenchmarkTouch(b *testing.B) {
	s := benchSet(b, benchConfig())
	activities := make([]Activity, 1000)
	t := benchStart

	for i := 0; b.Loop(); i++ {
		t += 100
		s.Touch(0, uint32(i%1000), &activities[i%1000], t)

		if i%600 == 0 {
			s.Advance(t, func(Row) {})
		}
	}
}

// BenchmarkAdvance imports a year with an event in four of 200 keys every five
// minutes, in ticks of a day; the rows per second are what matters.
func BenchmarkAdvance(b *testing.B) {
	rows := 0

	b.ReportAllocs()

	for b.Loop() {
		s := benchSet(b, benchConfig())
		random := rand.New(rand.NewPCG(1, 2))

		for at := benchStart; at < benchStart+365*day; at += 5 * minute {
			for range 4 {
				s.Add(Key(random.Uint32N(200)), at, 1)
			}

			if at%day < 5*minute {
				s.Advance(at, func(Row) { rows++ })
			}
		}
	}

	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

// benchCorrect is cuts of a second, each of which corrects rows of 60 keys.
func benchCorrect(b *testing.B, s *Set) {
	random := rand.New(rand.NewPCG(1, 2))
	clock, rows := benchStart, 0
	cut := func() {
		for range 100 {
			clock += 10
			s.Add(Key(4+random.Uint32N(60)), clock-random.Int64N(10*minute), 1)
		}

		s.Advance(clock, func(Row) { rows++ })
	}

	for range 3600 {
		cut()
	}

	rows = 0

	b.ReportAllocs()

	for b.Loop() {
		cut()
	}

	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

// BenchmarkSetCorrect corrects the rows of single keys, and the same keys in
// groups, whose corrections are more rows.
func BenchmarkSetCorrect(b *testing.B) {
	b.Run("alone", func(b *testing.B) { benchCorrect(b, benchSet(b, benchConfig())) })

	for _, width := range []int{5, 12, 60} {
		b.Run(fmt.Sprintf("width=%d", width), func(b *testing.B) {
			s := benchSet(b, benchConfig())
			for first := 4; first < 64; first += width {
				if err := s.Group(Key(first), width); err != nil {
					b.Fatal(err)
				}
			}

			benchCorrect(b, s)
		})
	}
}

func BenchmarkRing(b *testing.B) {
	r, err := NewRing(RingConfig{Lateness: 10 * minute})
	if err != nil {
		b.Fatal(err)
	}

	random := rand.New(rand.NewPCG(1, 2))
	t := benchStart

	b.ReportAllocs()

	for i := 0; b.Loop(); i++ {
		t++
		if i%1000 == 0 {
			r.Expire(t)
		}

		r.Seen([2]uint64{random.Uint64(), random.Uint64()}, t)
	}

	b.ReportMetric(float64(r.Bytes())/float64(r.Len()), "bytes/identity")
}

func BenchmarkSnapshot(b *testing.B) {
	s := benchSet(b, benchConfig())
	for i := range int64(200_000) {
		s.Add(Key(i*i%500), benchStart+i*10_000, i)
	}

	s.Advance(benchStart+2_000_000_000, func(Row) {})

	image, _ := s.AppendBinary(nil)
	b.SetBytes(int64(len(image)))

	for b.Loop() {
		image, _ = s.AppendBinary(image[:0])
	}

	_ = binary.LittleEndian.Uint32(image)
}
