package replay

import (
	"bytes"
	"errors"
	"io"
)

// MaxRowBytes is the longest row that is read, quoted line breaks included. It
// bounds the memory that a broken file can take.
const MaxRowBytes = 256 << 10

// lineBuffer is a view of the file from the current row on. It reads further
// only as far as a row needs, so a row that turns out to be broken can be
// given up at its first line.
type lineBuffer struct {
	in         io.Reader
	buf        []byte
	start, end int   // the unread part of buf
	line       int64 // of the file at start, from 1
	row        int64 // line at which the current row begins
	taken      int64 // bytes before start
	err        error // of in, io.EOF at its end
}

func newLineBuffer(in io.Reader) *lineBuffer {
	return &lineBuffer{in: in, buf: make([]byte, 2*MaxRowBytes), line: 1}
}

// bytes is what has been read and not taken yet. It is valid until the next
// call of more or take.
func (b *lineBuffer) bytes() []byte { return b.buf[b.start:b.end] }

// more reads further. It returns false if the file has ended or broken, or if
// the row is too long.
func (b *lineBuffer) more() bool {
	if b.err != nil || b.end-b.start > MaxRowBytes {
		return false
	}
	if b.start > 0 && len(b.buf)-b.start <= MaxRowBytes {
		b.end = copy(b.buf, b.bytes())
		b.start = 0
	}
	for range 100 {
		n, err := b.in.Read(b.buf[b.end:])
		b.end += n
		b.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	b.err = io.ErrNoProgress

	return false
}

// lineEnd is where the line that holds the offset ends: the line break's
// offset, and the offset after it. At the end of the file and in a line that
// is too long both are the number of bytes held, and ended is false.
func (b *lineBuffer) lineEnd(offset int) (content, next int, ended bool) {
	for {
		held := b.bytes()
		if i := bytes.IndexByte(held[offset:], '\n'); i >= 0 {
			return offset + i, offset + i + 1, true
		}
		offset = len(held)
		if !b.more() {
			return offset, offset, false
		}
	}
}

// take goes on behind n bytes.
func (b *lineBuffer) take(n int) {
	b.line += int64(bytes.Count(b.buf[b.start:b.start+n], []byte{'\n'}))
	b.start += n
	b.taken += int64(n)
}

// skipLine goes on behind the next line break, however far it is.
func (b *lineBuffer) skipLine() {
	for {
		_, next, ended := b.lineEnd(0)
		b.take(next)
		if ended || b.err != nil && b.start == b.end {
			return
		}
	}
}

// failure is the error that ended the file early, if one did.
func (b *lineBuffer) failure() error {
	if errors.Is(b.err, io.EOF) {
		return nil
	}

	return b.err
}
