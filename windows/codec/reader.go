package codec

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Reader reads from the front of bytes until the first error, and gives zeros
// after it.
type Reader struct {
	rest     []byte
	err      error
	sentinel error
}

// From returns a Reader of src. Its errors wrap the sentinel of whoever reads.
func From(src []byte, sentinel error) Reader { return Reader{rest: src, sentinel: sentinel} }

// Fail notes what is wrong with the bytes, unless something was wrong before.
func (r *Reader) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %w", r.sentinel, fmt.Errorf(format, args...))
	}
	r.rest = nil
}

// Err is the first error, nil for none.
func (r *Reader) Err() error { return r.err }

// End is the first error, of which one is that bytes are left.
func (r *Reader) End() error {
	if r.err == nil && len(r.rest) > 0 {
		r.Fail("%d bytes too many", len(r.rest))
	}

	return r.err
}

// Len is how many bytes are left.
func (r *Reader) Len() int { return len(r.rest) }

// Take takes n bytes, which are shared with what is read: nil where there are
// fewer.
func (r *Reader) Take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.cut(n)

		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]

	return taken
}

func (r *Reader) cut(n uint64) { r.Fail("truncated: %d bytes are left of %d", len(r.rest), n) }

// Byte reads a byte.
func (r *Reader) Byte() byte {
	if len(r.rest) == 0 {
		r.cut(1)

		return 0
	}
	v := r.rest[0]
	r.rest = r.rest[1:]

	return v
}

// Bool reads a byte that is 0 or 1.
func (r *Reader) Bool(what string) bool {
	v := r.Byte()
	if v > 1 {
		r.Fail("%s is %d, it can be 0 or 1", what, v)
	}

	return v == 1
}

// Uint reads a varint in its shortest form: the same state has one form only.
func (r *Reader) Uint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 { // most are small
		v := r.rest[0]
		r.rest = r.rest[1:]

		return uint64(v)
	}

	return r.long()
}

func (r *Reader) long() uint64 {
	v, n := binary.Uvarint(r.rest)
	switch {
	case n <= 0:
		r.Fail("truncated or overlong number")

		return 0
	case r.rest[n-1] == 0:
		r.Fail("number is not in its shortest form")

		return 0
	}
	r.rest = r.rest[n:]

	return v
}

// Int reads a signed varint.
func (r *Reader) Int() int64 {
	u := r.Uint()

	return int64(u>>1) ^ -int64(u&1)
}

// Fixed16 reads 2 bytes.
func (r *Reader) Fixed16() uint16 {
	if p := r.Take(2); p != nil {
		return binary.LittleEndian.Uint16(p)
	}

	return 0
}

// Fixed32 reads 4 bytes.
func (r *Reader) Fixed32() uint32 {
	if p := r.Take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}

	return 0
}

// Fixed64 reads 8 bytes.
func (r *Reader) Fixed64() uint64 {
	if p := r.Take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}

	return 0
}

// Float32 reads 4 bytes.
func (r *Reader) Float32() float32 { return math.Float32frombits(r.Fixed32()) }

// Float64 reads 8 bytes.
func (r *Reader) Float64() float64 { return math.Float64frombits(r.Fixed64()) }

// Blob reads bytes behind their length. They are shared with what is read.
func (r *Reader) Blob() []byte { return r.Take(r.Uint()) }

// Text reads a text behind its length.
func (r *Reader) Text() string { return string(r.Blob()) }

// UintTo reads a number that is at most limit.
func (r *Reader) UintTo(limit uint64, what string) uint64 {
	v := r.Uint()
	if v > limit {
		r.Fail("%s %d, at most %d can be", what, v, limit)

		return 0
	}

	return v
}

// IntIn reads a number from lo to hi.
func (r *Reader) IntIn(lo, hi int64, what string) int64 {
	v := r.Int()
	if r.err == nil && (v < lo || v > hi) {
		r.Fail("%s %d lies outside %d to %d", what, v, lo, hi)
	}

	return v
}

// Count reads how many things follow, each of which takes at least size bytes:
// changed bytes can't ask for more memory than they are long.
func (r *Reader) Count(size int, what string) int {
	return int(r.UintTo(uint64(len(r.rest)/size), what))
}

// Next reads the next of ascending numbers as its distance to the last one, at
// least 1, up to limit.
func (r *Reader) Next(last, limit int64, what string) int64 {
	d := r.Uint()
	if d == 0 || d > uint64(limit-last) {
		r.Fail("%s: step %d from %d passes %d", what, d, last, limit)

		return last
	}

	return last + int64(d)
}
