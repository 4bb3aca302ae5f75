package native

import (
	"encoding/binary"
	"math/bits"

	"ebb/pipeline/event"
)

// keyOf is a number for the name data[begin:end], the same for the same name.
// Names of up to eight bytes have each their own, because no byte of a name is
// 0; data has at least eight bytes.
func keyOf(data []byte, begin, end int) uint64 {
	if size := end - begin; size <= 8 {
		// Where fewer than eight bytes are left, they are the last ones of eight.
		at := min(begin, len(data)-8)
		word := binary.LittleEndian.Uint64(data[at:]) >> (8 * (begin - at) & 63)

		return word & (1<<(8*size&63) - 1 | -uint64(size>>3))
	}

	first, last := binary.LittleEndian.Uint64(data[begin:]), binary.LittleEndian.Uint64(data[end-8:])

	return (first ^ bits.RotateLeft64(last, 29) + uint64(end-begin)) * keySpread
}

// keySpread is an odd number whose product spreads the keys of the fields over
// shortFields without two of them in one place.
const keySpread = 0x8cfe5cd12d5db79b

// newKey adds the key of a name to those of its object, which begin at own. It
// reports false where the object has had it, and for other names now and then:
// two long ones may share a key. So it does for objects of many names, which
// are the matter of a nameSet.
func (d *Decoder) newKey(own int, key uint64) bool {
	if len(d.keys) >= own+plainNames {
		return false
	}

	for _, other := range d.keys[own:] {
		if other == key {
			return false
		}
	}

	d.keys = append(d.keys, key)

	return true
}

// plainNames is up to how many names an object on the plain path has.
const plainNames = 32

// shortField is a field with a name of up to eight bytes.
type shortField struct {
	key   uint64
	field field
}

// shortFields are the fields with short names, each where its key leads to.
var shortFields = func() (table [32]shortField) { //nolint:gochecknoglobals // a table that never changes
	for f := event.FieldID; f < event.FieldCount; f++ {
		if name := f.String(); len(name) <= 8 {
			key := keyOf(append([]byte(name), "        "...), 0, len(name))
			table[key*keySpread>>59] = shortField{key, f}
		}
	}

	return table
}()

// plainFieldOf is the field whose name is data[begin:end]. Data has eight bytes
// from begin on.
func plainFieldOf(data []byte, begin, end int) field {
	if end-begin > 8 {
		return fieldOf(data[begin:end])
	}

	key := binary.LittleEndian.Uint64(data[begin:]) & sizeMasks[(end-begin)&15]
	if s := &shortFields[key*keySpread>>59]; s.key == key {
		return s.field
	}

	return event.FieldUnknown
}

// sizeMasks are masks of so many bytes.
var sizeMasks = [16]uint64{
	0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1,
}
