package event

import (
	"bytes"
	"strconv"
)

// This file reads and writes history records that hold several rows: a message
// costs the server and every reader about as much as ten rows.
//
// The body is the rows one behind the other, with the byte RowMark in between:
// the row's clock in Unix ms, a blank, and the row as it is. No JSON holds that
// byte, and no text that people write; a row that does stands in a record of its
// own. Header Ebb-Rows says how many rows there are.

// RowMark stands between the rows of a record: the record separator of ASCII.
const RowMark = 0x1e

// MaxRows is the most rows that a record may hold.
const MaxRows = 4095

// FitsRow says whether a row may stand in a record with others.
func FitsRow(body []byte) bool { return bytes.IndexByte(body, RowMark) < 0 }

// AppendRow appends a row that fits to the rows of a record.
func AppendRow(dst []byte, clock int64, body []byte) []byte {
	if len(dst) > 0 {
		dst = append(dst, RowMark)
	}
	dst = append(strconv.AppendInt(dst, clock, 10), ' ')

	return append(dst, body...)
}

// Row is one row of a record.
type Row struct {
	Clock int64 // Unix ms
	Body  []byte
}

// SplitRows appends the rows of a record to dst. It says false where the data does
// not hold so many, or one of them begins with no clock: then none of it can be
// trusted.
func SplitRows(dst []Row, data []byte, rows int) ([]Row, bool) {
	if rows < 1 || rows > MaxRows || bytes.Count(data, []byte{RowMark}) != rows-1 {
		return dst, false
	}
	before := len(dst)
	for rest := data; rest != nil; {
		clock, body, ok := cutRow(&rest)
		if !ok {
			return dst[:before], false
		}
		dst = append(dst, Row{clock, body})
	}

	return dst, true
}

// cutRow takes the first row off; nothing is left behind the last one.
func cutRow(rest *[]byte) (clock int64, body []byte, ok bool) {
	row := *rest
	if end := bytes.IndexByte(row, RowMark); end >= 0 {
		row, *rest = row[:end:end], row[end+1:]
	} else {
		*rest = nil
	}
	digits, body, found := bytes.Cut(row, []byte{' '})
	clock, ok = rowClock(digits)

	return clock, body, ok && found
}

// maxClockDigits are those of MaxTime.
const maxClockDigits = 13

// rowClock reads a number as AppendRow writes it, and as any clock may be.
func rowClock(text []byte) (int64, bool) {
	digits, negative := bytes.CutPrefix(text, []byte{'-'})
	if len(digits) == 0 || len(digits) > maxClockDigits || digits[0] == '0' && (negative || len(digits) > 1) {
		return 0, false
	}
	clock := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		clock = clock*10 + int64(c-'0')
	}
	if clock > MaxTime {
		return 0, false
	}
	if negative {
		clock = -clock
	}

	return clock, true
}
