package feed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrWatch says that bytes are not a watch of this configuration that
// AppendBinary wrote.
var ErrWatch = errors.New("feed: not a usable watch")

// Bits of a meter's first byte.
const (
	bitAwake byte = 1 << iota
	bitSilent
	bitWhole
)

// AppendBinary appends the watch: the end of the open step, how many meters
// there are, and each of them, varints and little-endian floats. What is
// derived is left out. A watch that watches nothing is its length alone.
func (w *Watch) AppendBinary(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(w.meters)))
	if len(w.meters) == 0 {
		return dst
	}
	dst = binary.AppendVarint(dst, w.end)
	for i := range w.meters {
		dst = binary.AppendUvarint(dst, uint64(w.counts[i]))
		dst = w.meters[i].appendBinary(dst)
	}

	return dst
}

func (m *meter) appendBinary(dst []byte) []byte {
	dst = append(dst, m.bits())
	if !m.awake {
		return dst
	}

	dst = binary.AppendUvarint(dst, uint64(m.idle))
	dst = binary.AppendUvarint(dst, m.events)
	dst = binary.AppendUvarint(dst, m.observed)
	dst = binary.AppendVarint(dst, m.since)
	dst = binary.AppendVarint(dst, m.found)
	d := &m.dispersion
	for _, f := range [...]float64{m.evidence, m.expected, d.steps, d.hours, d.usual, d.step, d.hour} {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
	}
	for _, hours := range [...][]usual{m.rhythm.week[:], m.rhythm.day[:]} {
		for _, u := range hours {
			dst = append(dst, u.seen)
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(u.mean))
		}
	}

	return dst
}

func (m *meter) bits() byte {
	bits := byte(0)
	if m.awake {
		bits |= bitAwake
	}
	if m.silent {
		bits |= bitSilent
	}
	if m.whole {
		bits |= bitWhole
	}

	return bits
}

// Restore brings a watch back from what AppendBinary wrote, and nothing after
// it. The configuration and the channels must be those of then. The error
// wraps ErrWatch.
func Restore(config Config, channels int, src []byte) (*Watch, error) {
	w := New(config, channels)
	r := reader{rest: src}
	if meters := r.uint(); r.failed || meters != uint64(len(w.meters)) {
		return nil, fmt.Errorf("%w: it has %d counts, not %d; the channels have changed", ErrWatch, meters, len(w.meters))
	}
	if len(w.meters) > 0 {
		w.end = r.int()
	}
	for i := range w.meters {
		m := &w.meters[i]
		w.counts[i] = uint32(r.uint())
		m.read(&r)
		if err := m.check(); err != nil {
			return nil, err
		}
		if m.awake {
			w.awake++
			m.expect((w.end - 1) / hourLength)
		}
		if m.silent {
			w.silences++
		}
	}
	if r.failed || len(r.rest) > 0 || len(w.meters) > 0 && w.end < 0 {
		return nil, fmt.Errorf("%w: it is cut, or longer than it should be", ErrWatch)
	}

	return w, nil
}

func (m *meter) read(r *reader) {
	bits := r.byte()
	m.awake, m.silent, m.whole = bits&bitAwake != 0, bits&bitSilent != 0, bits&bitWhole != 0
	if !m.awake {
		return
	}

	m.idle = int(r.uint() & math.MaxInt32)
	m.events, m.observed = r.uint(), r.uint()
	m.since, m.found = r.int(), r.int()
	d := &m.dispersion
	for _, f := range [...]*float64{&m.evidence, &m.expected, &d.steps, &d.hours, &d.usual, &d.step, &d.hour} {
		*f = r.float64()
	}
	for _, hours := range [...][]usual{m.rhythm.week[:], m.rhythm.day[:]} {
		for i := range hours {
			hours[i] = usual{seen: r.byte(), mean: r.float32()}
		}
	}
}

// check refuses what would make the formulas fail.
func (m *meter) check() error {
	if !m.awake && (m.silent || m.whole) {
		return fmt.Errorf("%w: a silence of a feed that never was", ErrWatch)
	}
	d := &m.dispersion
	for _, f := range [...]float64{m.evidence, m.expected, d.steps, d.hours, d.usual} {
		if !(f >= 0 && f <= math.MaxFloat64) {
			return fmt.Errorf("%w: a sum is %v", ErrWatch, f)
		}
	}
	for _, f := range [...]float64{d.step, d.hour} {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("%w: a residual is %v", ErrWatch, f)
		}
	}
	for _, hours := range [...][]usual{m.rhythm.week[:], m.rhythm.day[:]} {
		for _, u := range hours {
			if !(u.mean >= 0 && u.mean <= math.MaxFloat32) || u.seen > days {
				return fmt.Errorf("%w: an hour usually holds %v events, seen %d times", ErrWatch, u.mean, u.seen)
			}
		}
	}

	return nil
}

// reader reads, and remembers that something was cut.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.skip(n)

	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)

	return v
}

func (r *reader) byte() byte {
	if len(r.rest) < 1 {
		r.skip(0)

		return 0
	}
	b := r.rest[0]
	r.skip(1)

	return b
}

func (r *reader) float32() float32 {
	if len(r.rest) < 4 {
		r.skip(0)

		return 0
	}
	v := binary.LittleEndian.Uint32(r.rest)
	r.skip(4)

	return math.Float32frombits(v)
}

func (r *reader) float64() float64 {
	if len(r.rest) < 8 {
		r.skip(0)

		return 0
	}
	v := binary.LittleEndian.Uint64(r.rest)
	r.skip(8)

	return math.Float64frombits(v)
}

// skip goes on by n bytes; 0 or fewer mean that something was missing.
func (r *reader) skip(n int) {
	if n <= 0 {
		r.rest, r.failed = nil, true

		return
	}
	r.rest = r.rest[n:]
}
