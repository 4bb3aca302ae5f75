package clickhouse

import (
	"math"
	"math/big"
	"testing"

	"ebb/pipeline/amount"
)

// Numbers go as the narrowest type that holds all of a column.
func TestNumbersAreNarrow(t *testing.T) {
	for _, test := range []struct {
		greatest int64
		kind     string
	}{
		{0, numbers8},
		{math.MaxUint8, numbers8},
		{math.MaxUint8 + 1, numbers16},
		{math.MaxUint16, numbers16},
		{math.MaxUint16 + 1, numbers32},
		{math.MaxUint32, numbers32},
		{math.MaxUint32 + 1, numbers64},
		{math.MaxInt64, numbers64},
		{-1, numbers64},
		{math.MinInt64, numbers64},
	} {
		counts := narrowed([][]int64{{1, 2}, nil, {test.greatest, 3}})
		if counts.kind != test.kind {
			t.Errorf("%d goes as %s, want %s", test.greatest, counts.kind, test.kind)
		}
		sums := [][]amount.Amount{{amount.Of(1), amount.Of(test.greatest)}, nil, {amount.Of(2)}}
		got, ok := sumsOf(sums, func(row *[]amount.Amount) []amount.Amount { return *row }).(numbers)
		if !ok || got.kind != test.kind || len(got.rows) != 3 || got.rows[0][1] != test.greatest || len(got.rows[1]) != 0 || got.rows[2][0] != 2 {
			t.Errorf("sums up to %d go as %+v, want %s", test.greatest, got, test.kind)
		}
	}
}

func TestLongSumsGoWhole(t *testing.T) {
	sums := [][]amount.Amount{{amount.Of(1)}, {amount.Max(), amount.Of(math.MinInt64).Add(amount.Of(-1))}}
	got, ok := sumsOf(sums, func(row *[]amount.Amount) []amount.Amount { return *row }).([][]big.Int)
	if !ok || len(got) != 2 || got[0][0].Int64() != 1 || got[1][1].String() != "-9223372036854775809" {
		t.Errorf("sums of more than 64 bits go as %v", got)
	}
}
