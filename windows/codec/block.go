package codec

import (
	"encoding/binary"
	"math"
)

// Block reads fixed numbers from bytes that are known to hold them all, as those
// that Take gave: without asking each time, for what comes by the million. Reading
// more of them than there are panics.
type Block []byte

// Byte reads a byte.
func (b *Block) Byte() byte {
	v := (*b)[0]
	*b = (*b)[1:]

	return v
}

// Fixed16 reads 2 bytes.
func (b *Block) Fixed16() uint16 {
	v := binary.LittleEndian.Uint16(*b)
	*b = (*b)[2:]

	return v
}

// Fixed32 reads 4 bytes.
func (b *Block) Fixed32() uint32 {
	v := binary.LittleEndian.Uint32(*b)
	*b = (*b)[4:]

	return v
}

// Fixed64 reads 8 bytes.
func (b *Block) Fixed64() uint64 {
	v := binary.LittleEndian.Uint64(*b)
	*b = (*b)[8:]

	return v
}

// Float32 reads 4 bytes.
func (b *Block) Float32() float32 { return math.Float32frombits(b.Fixed32()) }
