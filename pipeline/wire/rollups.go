package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"ebb/pipeline/amount"
)

// Rollups is one message of window rows: one table, one partition, one cut. It
// has either Windows, or, of history, Series: see PackedSchema.
type Rollups struct {
	Header
	Windows []Window `json:"windows"`
	Series  []Series `json:"-"`
}

// Window is the rows of one window end.
type Window struct {
	Window string `json:"window"` // "1m", "5m", "1h", "24h", "7d" or "28d"
	End    int64  `json:"end"`    // exclusive
	Rows   []Row  `json:"rows"`
}

// Row is the measures of one window for one key. Which fields a table carries:
//
//	rollups_total    events, customers
//	rollups_kind     key, events, customers
//	rollups_channel  key, events
//	rollups_type     key, currency, events, value
//
// A value is a decimal number in quotes, in units of the currency, such as
// "19.99" or "-0.000001": exact to six decimals, and at any size, where
// programs that read JSON numbers as floating point would lose digits. Earlier
// releases wrote whole millionths there, as a number; both are read.
type Row struct {
	Key       string
	Currency  string // ISO 4217, or "" where the events have no value
	Events    int64
	Customers int64 // exact distinct customers
	Value     amount.Amount
}

// AppendRow appends row as the JSON array of its table.
func AppendRow(dst []byte, table Table, row Row) []byte {
	dst = append(dst, '[')
	switch table {
	case Kind:
		dst = append(appendString(dst, row.Key), ',')
	case Channel:
		dst = append(appendString(dst, row.Key), ',')
	case Type:
		dst = append(appendString(dst, row.Key), ',')
		dst = append(appendString(dst, row.Currency), ',')
	}
	dst = strconv.AppendInt(dst, row.Events, 10)
	switch table {
	case Total, Kind:
		dst = strconv.AppendInt(append(dst, ','), row.Customers, 10)
	case Type:
		dst = append(row.Value.Append(append(dst, ',', '"')), '"')
	}

	return append(dst, ']')
}

// AppendHeader appends `{"schema":…,"era":…` without the closing brace, so
// that the caller goes on with the fields of its message.
func AppendHeader(dst []byte, h Header) []byte {
	dst = append(dst, `{"schema":`...)
	dst = strconv.AppendInt(dst, int64(h.Schema), 10)
	dst = append(dst, `,"table":"`...)
	dst = append(dst, h.Table...)
	dst = append(dst, `","partition":`...)
	dst = strconv.AppendInt(dst, int64(h.Partition), 10)
	dst = append(dst, `,"version":`...)
	dst = strconv.AppendUint(dst, h.Version, 10)
	dst = append(dst, `,"clock":`...)
	dst = strconv.AppendInt(dst, h.Clock, 10)
	if h.Era == 0 {
		return dst
	}

	return strconv.AppendInt(append(dst, `,"era":`...), h.Era, 10)
}

// AppendWindow appends `{"window":…,"end":…,"rows":[` without the closing
// brackets `]}`.
func AppendWindow(dst []byte, window string, end int64) []byte {
	dst = append(dst, `{"window":"`...)
	dst = append(dst, window...)
	dst = append(dst, `","end":`...)
	dst = strconv.AppendInt(dst, end, 10)

	return append(dst, `,"rows":[`...)
}

// appendString is for the keys of rows, which are nearly always plain.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always marshals

			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)

	return append(dst, '"')
}

// ParseRollups reads a message of window rows. An error names what is wrong.
// The strings of the result share memory with each other, not with data.
func ParseRollups(data []byte) (Rollups, error) {
	if bytes.HasPrefix(data, []byte(`{"schema":2,`)) {
		if out, ok := scanPacked(data); ok {
			return out, nil
		}
	} else if out, ok := scanRollups(data); ok {
		return out, nil
	}

	return unmarshalRollups(data)
}

// unmarshalRollups takes any JSON that says the same, for messages of other
// writers, and tells what is wrong with the rest.
func unmarshalRollups(data []byte) (Rollups, error) {
	var raw struct {
		Header
		Windows []struct {
			Window string              `json:"window"`
			End    int64               `json:"end"`
			Rows   [][]json.RawMessage `json:"rows"`
		} `json:"windows"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return Rollups{}, fmt.Errorf("rollup message: %w", err)
	}
	switch raw.Schema {
	case Schema:
	case PackedSchema:
		return unmarshalPacked(data)
	default:
		return Rollups{}, fmt.Errorf("rollup message: schema is %d, this version reads %d and %d", raw.Schema, Schema, PackedSchema)
	}
	out := Rollups{Header: raw.Header}
	for _, w := range raw.Windows {
		window := Window{Window: w.Window, End: w.End, Rows: make([]Row, len(w.Rows))}
		for i, cells := range w.Rows {
			if err := parseRow(raw.Table, cells, &window.Rows[i]); err != nil {
				return Rollups{}, fmt.Errorf("rollup message: table %s, window %s ending %d, row %d: %w", raw.Table, w.Window, w.End, i, err)
			}
		}
		out.Windows = append(out.Windows, window)
	}

	return out, nil
}

func parseRow(table Table, cells []json.RawMessage, row *Row) error {
	var fields []any
	switch table {
	case Total:
		fields = []any{&row.Events, &row.Customers}
	case Kind:
		fields = []any{&row.Key, &row.Events, &row.Customers}
	case Channel:
		fields = []any{&row.Key, &row.Events}
	case Type:
		fields = []any{&row.Key, &row.Currency, &row.Events, (*value)(&row.Value)}
	default:
		return fmt.Errorf("table %q has no window rows", table)
	}
	if len(cells) != len(fields) {
		return fmt.Errorf("%d cells, want %d", len(cells), len(fields))
	}
	for i, cell := range cells {
		if err := json.Unmarshal(cell, fields[i]); err != nil {
			return fmt.Errorf("cell %d: %w", i, err)
		}
	}

	return nil
}

// value reads an amount, also as earlier releases wrote it.
type value amount.Amount

func (v *value) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return (*amount.Amount)(v).UnmarshalJSON(data)
	}
	var millionths int64
	if err := json.Unmarshal(data, &millionths); err != nil {
		return err
	}
	*v = value(amount.Of(millionths))

	return nil
}
