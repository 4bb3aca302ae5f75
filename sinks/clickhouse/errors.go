package clickhouse

import (
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// refusals are the codes by which ClickHouse refuses rows for what they hold:
// writing them again is no use. Every other code may pass: the server is busy,
// short of memory or disk, restarting, or lacks a table that a migration
// brings.
var refusals = map[int32]string{
	6:   "CANNOT_PARSE_TEXT",
	26:  "CANNOT_PARSE_QUOTED_STRING",
	27:  "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
	33:  "CANNOT_READ_ALL_DATA",
	38:  "CANNOT_PARSE_DATE",
	41:  "CANNOT_PARSE_DATETIME",
	53:  "TYPE_MISMATCH",
	69:  "ARGUMENT_OUT_OF_BOUND",
	70:  "CANNOT_CONVERT_TYPE",
	72:  "CANNOT_PARSE_NUMBER",
	117: "INCORRECT_DATA",
	131: "TOO_LARGE_STRING_SIZE",
	349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
	407: "DECIMAL_OVERFLOW",
	469: "VIOLATED_CONSTRAINT",
	691: "UNKNOWN_ELEMENT_OF_ENUM",
}

// refused says whether err is about what the rows hold.
func refused(err error) bool {
	if errors.Is(err, clickhouse.ErrBatchInvalid) {
		return true
	}
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) {
		return false
	}
	_, known := refusals[exception.Code]

	return known
}
