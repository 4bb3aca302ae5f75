package codec

import (
	"encoding/binary"
	"math"
)

// Writer appends to bytes. The zero Writer appends to none.
type Writer struct {
	buf []byte
}

// To returns a Writer that appends to dst.
func To(dst []byte) Writer { return Writer{dst} }

// Bytes are those to which it appended, with what it appended.
func (w *Writer) Bytes() []byte { return w.buf }

// Byte appends a byte.
func (w *Writer) Byte(v byte) { w.buf = append(w.buf, v) }

// Bool appends a byte, 0 or 1.
func (w *Writer) Bool(v bool) {
	if v {
		w.Byte(1)
	} else {
		w.Byte(0)
	}
}

// Uint appends a varint.
func (w *Writer) Uint(v uint64) { w.buf = binary.AppendUvarint(w.buf, v) }

// Int appends a signed varint.
func (w *Writer) Int(v int64) { w.buf = binary.AppendVarint(w.buf, v) }

// Fixed16 appends 2 bytes.
func (w *Writer) Fixed16(v uint16) { w.buf = binary.LittleEndian.AppendUint16(w.buf, v) }

// Fixed32 appends 4 bytes.
func (w *Writer) Fixed32(v uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, v) }

// Fixed64 appends 8 bytes.
func (w *Writer) Fixed64(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }

// Float32 appends 4 bytes.
func (w *Writer) Float32(v float32) { w.Fixed32(math.Float32bits(v)) }

// Float64 appends 8 bytes.
func (w *Writer) Float64(v float64) { w.Fixed64(math.Float64bits(v)) }

// Raw appends bytes without their length.
func (w *Writer) Raw(v []byte) { w.buf = append(w.buf, v...) }

// Blob appends bytes behind their length.
func (w *Writer) Blob(v []byte) {
	w.Uint(uint64(len(v)))
	w.Raw(v)
}

// Text appends a text behind its length.
func (w *Writer) Text(v string) {
	w.Uint(uint64(len(v)))
	w.buf = append(w.buf, v...)
}

// Must is for encoders whose error is there for an interface and always nil.
func Must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}

	return data
}
