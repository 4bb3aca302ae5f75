package replay

import (
	"encoding/binary"
	"errors"

	"ebb/windows/codec"
)

// errSpilled says that what was written to a temporary file did not come back.
var errSpilled = errors.New("a temporary file was cut or changed")

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
	w := codec.To(dst)
	w.Fixed64(uint64(row.key))
	w.Fixed64(uint64(row.Number))
	w.Int(row.Time)
	w.Int(row.line)
	flags := byte(0)
	for i, set := range [...]bool{row.Timed, row.OwnID, row.Mapped, row.HasAmount, row.Problem != nil} {
		if set {
			flags |= 1 << i
		}
	}
	w.Byte(flags)
	w.Byte(byte(row.Doubt))
	for _, text := range [...][]byte{row.Customer, row.Type, row.Kind, row.ID, row.Body} {
		w.Blob(text)
	}
	if row.Problem != nil {
		w.Raw([]byte(row.Problem.Error()))
	}

	return w.Bytes()
}

// rowPlace reads a row's place in the order.
func rowPlace(data []byte) (key, number int64, err error) {
	if len(data) < 16 {
		return 0, 0, errSpilled
	}

	return int64(binary.LittleEndian.Uint64(data)), int64(binary.LittleEndian.Uint64(data[8:])), nil
}

// readRow reads what appendRow wrote. The row's texts are parts of the data.
func readRow(data []byte, row *Row) error {
	r := codec.From(data, errSpilled)
	*row = Row{}
	row.key, row.Number = int64(r.Fixed64()), int64(r.Fixed64())
	row.Time, row.line = r.Int(), r.Int()
	flags := r.Byte()
	row.Timed, row.OwnID, row.Mapped, row.HasAmount = flags&rowTimed != 0, flags&rowOwnID != 0, flags&rowMapped != 0, flags&rowHasAmount != 0
	row.Doubt = Doubt(r.Byte())
	for _, text := range [...]*[]byte{&row.Customer, &row.Type, &row.Kind, &row.ID, &row.Body} {
		*text = r.Blob()
	}
	if flags&rowProblem != 0 && r.Err() == nil {
		row.Problem = errors.New(string(r.Take(uint64(r.Len()))))
	}

	return r.End()
}
