package clickhouse

import (
	"math"
	"math/big"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/amount"
)

// Column types of arrays, of which the server makes those of the schema. Most numbers
// of series are small: the narrower they go, the less there is to compress.
const (
	numbers8   = "Array(UInt8)"
	numbers16  = "Array(UInt16)"
	numbers32  = "Array(UInt32)"
	numbers64  = "Array(Int64)"
	numbers128 = "Array(Int128)"
)

// numbers are arrays of one column, one for each series.
type numbers struct {
	rows [][]int64
	kind string // the narrowest column type that holds all of them
}

// numbersOf is one column of every series.
func numbersOf[R any](rows []R, field func(*R) []int64) numbers {
	return narrowed(column(rows, field))
}

// narrowed finds the column type.
func narrowed(rows [][]int64) numbers {
	bits := uint64(0)
	for _, row := range rows {
		for _, v := range row {
			bits |= uint64(v) // a negative number has the highest
		}
	}
	switch {
	case bits <= math.MaxUint8:
		return numbers{rows, numbers8}
	case bits <= math.MaxUint16:
		return numbers{rows, numbers16}
	case bits <= math.MaxUint32:
		return numbers{rows, numbers32}
	default:
		return numbers{rows, numbers64}
	}
}

// sumsOf is one column of every series: numbers, which the driver takes in a tenth of
// the time, unless one of them has more than 64 bits.
func sumsOf[R any](rows []R, field func(*R) []amount.Amount) any {
	total := 0
	for i := range rows {
		total += len(field(&rows[i]))
	}
	all := make([]int64, 0, total)
	short := make([][]int64, len(rows))
	for i := range rows {
		start := len(all)
		for _, sum := range field(&rows[i]) {
			if sum != amount.Of(int64(sum.Lo)) {
				return longSums(rows, field)
			}
			all = append(all, int64(sum.Lo))
		}
		short[i] = all[start:]
	}

	return narrowed(short)
}

func longSums[R any](rows []R, field func(*R) []amount.Amount) [][]big.Int {
	return column(rows, func(r *R) []big.Int {
		return column(field(r), func(a *amount.Amount) big.Int { return millionths(*a) })
	})
}

// appendTo goes around the driver's reflection, which takes arrays apart number
// by number unless they come one by one.
func (n numbers) appendTo(column driver.BatchColumn) error {
	switch n.kind {
	case numbers8:
		return appendRows[uint8](column, n.rows)
	case numbers16:
		return appendRows[uint16](column, n.rows)
	case numbers32:
		return appendRows[uint32](column, n.rows)
	default:
		return appendRows[int64](column, n.rows)
	}
}

func appendRows[T uint8 | uint16 | uint32 | int64](column driver.BatchColumn, rows [][]int64) error {
	var narrow []T
	for _, row := range rows {
		narrow = narrow[:0]
		for _, v := range row {
			narrow = append(narrow, T(v))
		}
		if err := column.AppendRow(narrow); err != nil {
			return err
		}
	}

	return nil
}
