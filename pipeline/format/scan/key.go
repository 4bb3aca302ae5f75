package scan

import (
	"encoding/binary"
	"math/bits"
)

// KeyOf is a number for the name data[begin:end], the same for the same name.
// Names of up to eight bytes have each their own, because no byte of a name is
// 0; data has at least eight bytes.
func KeyOf(data []byte, begin, end int) uint64 {
	if size := end - begin; size <= 8 {
		// Where fewer than eight bytes are left, they are the last ones of eight.
		at := min(begin, len(data)-8)
		word := binary.LittleEndian.Uint64(data[at:]) >> (8 * (begin - at) & 63)

		return word & (1<<(8*size&63) - 1 | -uint64(size>>3))
	}

	first, last := binary.LittleEndian.Uint64(data[begin:]), binary.LittleEndian.Uint64(data[end-8:])

	return (first ^ bits.RotateLeft64(last, 29) + uint64(end-begin)) * KeySpread
}

// KeySpread is an odd number whose product spreads the keys of the fields of a
// native event over 32 places without two of them in one.
const KeySpread = 0x8cfe5cd12d5db79b

// NewKey adds the key of a name to those of its object, which begin at own. It
// reports false where the object has had it, and for other names now and then:
// two long ones may share a key. So it does for objects of many names, which
// are the matter of a nameSet.
func (t *Scanner) NewKey(own int, key uint64) bool {
	if len(t.Keys) >= own+plainNames {
		return false
	}

	for _, other := range t.Keys[own:] {
		if other == key {
			return false
		}
	}

	t.Keys = append(t.Keys, key)

	return true
}

// plainNames is up to how many names an object on the plain path has.
const plainNames = 32
