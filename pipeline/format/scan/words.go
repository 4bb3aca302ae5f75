package scan

import "encoding/binary"

// scanWords is scan with eight bytes at once, in any processor. The quotes are right if
// nothing is wrong: no sum carries into the next byte then.
//
// The loop over the eight words is unrolled because that keeps all constants
// in registers.
func scanWords(b *[64]byte) (quotes, wrong uint64) {
	x := binary.LittleEndian.Uint64(b[0:])
	wrong = x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes = (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56

	x = binary.LittleEndian.Uint64(b[8:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 8

	x = binary.LittleEndian.Uint64(b[16:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 16

	x = binary.LittleEndian.Uint64(b[24:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 24

	x = binary.LittleEndian.Uint64(b[32:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 32

	x = binary.LittleEndian.Uint64(b[40:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 40

	x = binary.LittleEndian.Uint64(b[48:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 48

	x = binary.LittleEndian.Uint64(b[56:])
	wrong |= x | (x + eachByte) | (x - 0x20*eachByte) | ((x ^ '\\'*eachByte) - eachByte)
	quotes |= (((x ^ '"'*eachByte) + lowBits) & highBits) * gather >> 56 << 56

	return ^quotes, wrong & highBits
}

const (
	lowBits = 0x7f7f7f7f7f7f7f7f

	// gather, as a factor, brings the high bits of eight bytes side by side
	// into the highest byte.
	gather = 0x0002040810204081
)
