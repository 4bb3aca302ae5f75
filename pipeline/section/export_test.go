package section

import "encoding/binary"

// Reseal gives what Begin wrote another format.
func Reseal(data []byte, format byte) []byte {
	data[len(Magic)] = format
	binary.LittleEndian.PutUint32(data[headerSize-4:], headerSum(data[:headerSize-4]))

	return data
}

// AppendAny appends a section, whatever its name.
func AppendAny(dst []byte, head Head, write func([]byte) []byte) []byte {
	return appendSection(dst, head, write)
}
