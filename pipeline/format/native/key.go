package native

import (
	"encoding/binary"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// shortField is a field with a name of up to eight bytes.
type shortField struct {
	key   uint64
	field field
}

// shortFields are the fields with short names, each where its key leads to.
var shortFields = func() (table [32]shortField) { //nolint:gochecknoglobals // a table that never changes
	for f := event.FieldID; f < event.FieldCount; f++ {
		if name := f.String(); len(name) <= 8 {
			key := scan.KeyOf(append([]byte(name), "        "...), 0, len(name))
			table[key*scan.KeySpread>>59] = shortField{key, f}
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
	if s := &shortFields[key*scan.KeySpread>>59]; s.key == key {
		return s.field
	}

	return event.FieldUnknown
}

// sizeMasks are masks of so many bytes.
var sizeMasks = [16]uint64{
	0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1,
}
