package section

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Reseal gives what Begin wrote another format.
func Reseal(data []byte, format byte) []byte {
	data[len(Magic)] = format
	binary.LittleEndian.PutUint32(data[headerSize-4:], uint32(xxh3.Hash(data[:headerSize-4])))

	return data
}
