package wire

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"ebb/pipeline/amount"
)

// scanner reads the layout that AppendHeader, AppendWindow and AppendRow
// write: these fields, in this order, without spaces and without escapes. It
// refuses everything else by turning ok false, and the caller then asks
// encoding/json, which also words the error. A sink reads hundreds of
// thousands of rows a second, of which encoding/json would manage a tenth.
type scanner struct {
	text string
	at   int
	ok   bool
}

// scanRollups reads data, and says whether the layout was as expected.
func scanRollups(data []byte) (Rollups, bool) {
	s := scanner{text: string(data), ok: true}
	out := Rollups{Header: s.header()}
	if !s.ok || out.Schema != Schema || !slices.Contains(RollupTables(), out.Table) {
		return Rollups{}, false
	}

	s.expect(`,"windows":[`)
	// One slice for the rows of all windows: a message of rollups_total has
	// one row a window, and a slice each would be most of the work.
	rows := make([]Row, 0, strings.Count(s.text, "]"))
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		var window Window
		window, rows = s.window(out.Table, rows)
		out.Windows = append(out.Windows, window)
	}
	s.expect("}")
	if !s.ok || s.at != len(s.text) {
		return Rollups{}, false
	}

	return out, true
}

func (s *scanner) header() Header {
	var h Header
	s.expect(`{"schema":`)
	h.Schema = s.int()
	s.expect(`,"table":`)
	h.Table = Table(s.string())
	s.expect(`,"partition":`)
	h.Partition = s.int()
	s.expect(`,"version":`)
	h.Version = s.uint64()
	s.expect(`,"clock":`)
	h.Clock = s.int64()
	if s.skip(`,"era":`) {
		h.Era = s.int64()
	}

	return h
}

// window appends the window's rows to rows, which has room for them all, and
// hands out a part of it.
func (s *scanner) window(table Table, rows []Row) (Window, []Row) {
	var w Window
	s.expect(`{"window":`)
	w.Window = s.string()
	s.expect(`,"end":`)
	w.End = s.int64()
	s.expect(`,"rows":[`)
	start := len(rows)
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		rows = append(rows, s.row(table))
	}
	s.expect("}")
	w.Rows = rows[start:len(rows):len(rows)]

	return w, rows
}

func (s *scanner) row(table Table) Row {
	var row Row
	s.expect("[")
	if table != Total {
		row.Key = s.string()
		s.expect(",")
	}
	if table == Type {
		row.Currency = s.string()
		s.expect(",")
	}
	row.Events = s.int64()
	switch table {
	case Total, Kind:
		s.expect(",")
		row.Customers = s.int64()
	case Type:
		s.expect(",")
		row.Value = s.amount()
	}
	s.expect("]")

	return row
}

// amount reads a decimal number in quotes.
func (s *scanner) amount() amount.Amount {
	v, ok := amount.Parse(s.string())
	if !ok {
		s.ok = false
	}

	return v
}

func (s *scanner) expect(literal string) {
	if !s.skip(literal) {
		s.ok = false
	}
}

func (s *scanner) skip(literal string) bool {
	if !strings.HasPrefix(s.text[s.at:], literal) {
		return false
	}
	s.at += len(literal)

	return true
}

// string reads a string without escapes. It is a part of the message's text,
// not a copy.
func (s *scanner) string() string {
	s.expect(`"`)
	start := s.at
	plain := true
	for s.ok && s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			value := s.text[start:s.at]
			s.at++
			s.ok = plain || utf8.ValidString(value)

			return value
		case c < 0x20 || c == '\\':
			s.ok = false
		case c >= utf8.RuneSelf:
			plain = false
		}
		s.at++
	}
	s.ok = false

	return ""
}

// maxDigits keeps the numbers read here below the limits of their types;
// encoding/json judges the few longer ones.
const maxDigits = 18

func (s *scanner) uint64() uint64 {
	start := s.at
	var value uint64
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		value = value*10 + uint64(s.text[s.at]-'0')
		s.at++
	}
	digits := s.at - start
	if digits == 0 || digits > maxDigits || digits > 1 && s.text[start] == '0' {
		s.ok = false
	}

	return value
}

func (s *scanner) int64() int64 {
	if s.skip("-") {
		return -int64(s.uint64() & math.MaxInt64)
	}

	return int64(s.uint64() & math.MaxInt64)
}

func (s *scanner) int() int {
	return int(s.int64())
}
