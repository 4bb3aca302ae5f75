package pipeline

import "encoding/binary"

// reader reads varints and texts, and remembers that something was cut.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.rest, r.failed = nil, true

		return 0
	}
	r.rest = r.rest[n:]

	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.rest, r.failed = nil, true

		return 0
	}
	r.rest = r.rest[n:]

	return v
}

func (r *reader) byte() byte {
	b := r.take(1)
	if len(b) == 0 {
		return 0
	}

	return b[0]
}

func (r *reader) word() uint64 {
	b := r.take(8)
	if len(b) < 8 {
		return 0
	}

	return binary.LittleEndian.Uint64(b)
}

func (r *reader) text() []byte { return r.take(r.uint()) }

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.rest, r.failed = nil, true

		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]

	return taken
}
