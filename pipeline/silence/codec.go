package silence

import (
	"errors"
	"math"

	"ebb/windows/codec"
)

// ErrWatch says that bytes are not a watch of this configuration that
// AppendBinary wrote.
var ErrWatch = errors.New("silence: not a usable watch")

// Bits of a meter's first byte.
const (
	bitAwake byte = 1 << iota
	bitSilent
	bitWhole
	bitEnd
)

// AppendBinary appends the watch: the end of the open step, how many meters
// there are, and each of them, varints and little-endian floats. What is
// derived is left out. A watch that watches nothing is its length alone.
func (w *Watch) AppendBinary(dst []byte) []byte {
	to := codec.To(dst)
	to.Uint(uint64(len(w.meters)))
	if len(w.meters) == 0 {
		return to.Bytes()
	}
	to.Int(w.end)
	for i := range w.meters {
		to.Uint(uint64(w.counts[i]))
		w.meters[i].write(&to)
	}

	return to.Bytes()
}

func (m *meter) write(w *codec.Writer) {
	w.Byte(m.bits())
	if !m.awake {
		return
	}

	w.Uint(uint64(m.idle))
	w.Uint(m.events)
	w.Uint(m.observed)
	w.Int(m.since)
	w.Int(m.found)
	d := &m.dispersion
	for _, f := range [...]float64{m.evidence, m.expected, d.steps, d.hours, d.usual, d.step, d.hour} {
		w.Float64(f)
	}
	for _, hours := range [...][]usual{m.rhythm.week[:], m.rhythm.day[:]} {
		for _, u := range hours {
			w.Byte(u.seen)
			w.Float32(u.mean)
		}
	}
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
	r := codec.From(src, ErrWatch)
	if meters := r.Uint(); meters != uint64(len(w.meters)) {
		r.Fail("it has %d counts, not %d; the channels have changed", meters, len(w.meters))
	}
	if len(w.meters) > 0 {
		w.end = r.IntIn(0, math.MaxInt64, "the end of a step")
	}
	for i := range w.meters {
		m := &w.meters[i]
		w.counts[i] = uint32(r.UintTo(math.MaxUint32, "count"))
		m.read(&r)
		m.check(&r)
		if m.awake && r.Err() == nil {
			w.awake++
			m.expect((w.end - 1) / hourLength)
		}
		if m.silent {
			w.silences++
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}

	return w, nil
}

func (m *meter) read(r *codec.Reader) {
	bits := r.Byte()
	if bits >= bitEnd {
		r.Fail("bits %#x of a meter, of which some have no meaning", bits)
	}
	m.awake, m.silent, m.whole = bits&bitAwake != 0, bits&bitSilent != 0, bits&bitWhole != 0
	if !m.awake {
		return
	}

	m.idle = int(r.UintTo(math.MaxInt32, "idle steps"))
	m.events, m.observed = r.Uint(), r.Uint()
	m.since, m.found = r.Int(), r.Int()
	d := &m.dispersion
	for _, f := range [...]*float64{&m.evidence, &m.expected, &d.steps, &d.hours, &d.usual, &d.step, &d.hour} {
		*f = r.Float64()
	}
	for _, hours := range [...][]usual{m.rhythm.week[:], m.rhythm.day[:]} {
		for i := range hours {
			hours[i] = usual{seen: r.Byte(), mean: r.Float32()}
		}
	}
}

// check refuses what would make the formulas fail.
func (m *meter) check(r *codec.Reader) {
	if !m.awake && (m.silent || m.whole) {
		r.Fail("a silence of a feed that never was")
	}
	d := &m.dispersion
	for _, f := range [...]float64{m.evidence, m.expected, d.steps, d.hours, d.usual} {
		if !(f >= 0 && f <= math.MaxFloat64) {
			r.Fail("a sum is %v", f)
		}
	}
	for _, f := range [...]float64{d.step, d.hour} {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			r.Fail("a residual is %v", f)
		}
	}
	for _, hours := range [...][]usual{m.rhythm.week[:], m.rhythm.day[:]} {
		for _, u := range hours {
			if !(u.mean >= 0 && u.mean <= math.MaxFloat32) || u.seen > days {
				r.Fail("an hour usually holds %v events, seen %d times", u.mean, u.seen)
			}
		}
	}
}
