package windows

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrCorrupt is wrapped by every error about bytes that cannot be restored.
var ErrCorrupt = errors.New("windows: corrupt state")

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// checksum is the CRC-32C.
func checksum(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }

// Every number is a varint in its shortest form, signed ones in zigzag; a
// CRC-32C of all that precedes ends the bytes.

type writer struct {
	buf []byte
}

func (w *writer) byte(v byte)    { w.buf = append(w.buf, v) }
func (w *writer) uint(v uint64)  { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *writer) int(v int64)    { w.buf = binary.AppendVarint(w.buf, v) }
func (w *writer) fixed(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }
func (w *writer) seal(start int) []byte {
	return binary.LittleEndian.AppendUint32(w.buf, checksum(w.buf[start:]))
}

// reader reads numbers until the first error, and gives zeros after it.
type reader struct {
	buf []byte
	err error
}

// unseal checks and removes the checksum.
func unseal(src []byte) (*reader, error) {
	if len(src) < 4 {
		return nil, corrupt("%d bytes are too few", len(src))
	}

	body, end := src[:len(src)-4], src[len(src)-4:]
	if got, want := checksum(body), binary.LittleEndian.Uint32(end); got != want {
		return nil, corrupt("checksum is %08x, want %08x", got, want)
	}

	return &reader{buf: body}, nil
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = corrupt(format, args...)
		r.buf = nil
	}
}

func (r *reader) byte() byte {
	if len(r.buf) == 0 {
		r.fail("truncated")
		return 0
	}

	v := r.buf[0]
	r.buf = r.buf[1:]

	return v
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail("truncated or overlong number")
		return 0
	}

	// The same state must have one form only.
	if n > 1 && r.buf[n-1] == 0 {
		r.fail("number is not in its shortest form")
		return 0
	}

	r.buf = r.buf[n:]

	return v
}

func (r *reader) int() int64 {
	u := r.uint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *reader) fixed() uint64 {
	if len(r.buf) < 8 {
		r.fail("truncated")
		return 0
	}

	v := binary.LittleEndian.Uint64(r.buf)
	r.buf = r.buf[8:]

	return v
}

// uintTo reads a number that is at most limit.
func (r *reader) uintTo(limit uint64, what string) uint64 {
	v := r.uint()
	if v > limit {
		r.fail("%s %d, at most %d can be", what, v, limit)
		return 0
	}

	return v
}

// intIn reads a number between lo and hi.
func (r *reader) intIn(lo, hi int64, what string) int64 {
	v := r.int()
	if r.err == nil && (v < lo || v > hi) {
		r.fail("%s %d lies outside %d to %d", what, v, lo, hi)
	}

	return v
}

// count reads how many things follow, each of which takes at least size bytes,
// so that corrupt bytes cannot ask for more memory than they are long.
func (r *reader) count(size int, what string) int {
	return int(r.uintTo(uint64(len(r.buf)/size), what))
}

// next reads the next of ascending numbers as its distance to the last one.
func (r *reader) next(last, limit int64, what string) int64 {
	d := r.uint()
	if d == 0 || d > uint64(limit-last) {
		r.fail("%s: step %d from %d passes %d", what, d, last, limit)
		return last
	}

	return last + int64(d)
}

func (r *reader) end() error {
	if r.err == nil && len(r.buf) > 0 {
		r.fail("%d bytes too many", len(r.buf))
	}

	return r.err
}
