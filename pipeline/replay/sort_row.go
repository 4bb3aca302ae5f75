package replay

import (
	"encoding/binary"
	"errors"
)

// The flags of a row on disk.
const (
	rowTimed = 1 << iota
	rowOwnID
	rowMapped
	rowHasAmount
	rowProblem
)

// appendRow writes all of a row, its place in the order first.
func appendRow(dst []byte, row *Row) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(row.key))
	dst = binary.BigEndian.AppendUint64(dst, uint64(row.Number))
	dst = binary.AppendVarint(dst, row.Time)
	dst = binary.AppendVarint(dst, row.line)
	flags := byte(0)
	for i, set := range [...]bool{row.Timed, row.OwnID, row.Mapped, row.HasAmount, row.Problem != nil} {
		if set {
			flags |= 1 << i
		}
	}
	dst = append(dst, flags, byte(row.Doubt))
	for _, text := range [...][]byte{row.Customer, row.Type, row.Kind, row.ID, row.Body} {
		dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
	}
	if row.Problem != nil {
		dst = append(dst, row.Problem.Error()...)
	}

	return dst
}

// rowPlace reads a row's place in the order.
func rowPlace(data []byte) (key, number int64) {
	return int64(binary.BigEndian.Uint64(data)), int64(binary.BigEndian.Uint64(data[8:]))
}

// readRow reads what appendRow wrote. The row's texts are parts of the data.
func readRow(data []byte, row *Row) {
	*row = Row{}
	row.key, row.Number = rowPlace(data)
	data = data[16:]
	number := func() int64 {
		n, size := binary.Varint(data)
		data = data[size:]

		return n
	}
	row.Time, row.line = number(), number()
	flags := data[0]
	row.Timed, row.OwnID, row.Mapped, row.HasAmount = flags&rowTimed != 0, flags&rowOwnID != 0, flags&rowMapped != 0, flags&rowHasAmount != 0
	row.Doubt = Doubt(data[1])
	data = data[2:]
	for _, text := range [...]*[]byte{&row.Customer, &row.Type, &row.Kind, &row.ID, &row.Body} {
		n, size := binary.Uvarint(data)
		*text = data[size : size+int(n) : size+int(n)]
		data = data[size+int(n):]
	}
	if flags&rowProblem != 0 {
		row.Problem = errors.New(string(data))
	}
}
