package native

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
	"ebb/pipeline/format/scan"
)

// jsonNumber draws a number in the grammar of JSON.
var jsonNumber = rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?`)

// moneyNumber draws numbers around the limits of a value.
var moneyNumber = rapid.StringMatching(`-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,9})?(e[+-]?[0-9])?|-?100000000000000000[01](\.0{1,6}[01])?|-?0\.0{1,20}[0-9]{1,9}(e[0-9]{1,2})?`)

func TestParseValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(jsonNumber, moneyNumber).Draw(t, "number")
		want, wantOK := fixedOracle(s)

		if got, ok := scan.ParseAmount([]byte(s)); ok != wantOK || ok && got != want {
			t.Fatalf("%s: %s %v, want %s %v", s, got, ok, want, wantOK)
		}
	})
}

func TestParseFloat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(jsonNumber, moneyNumber).Draw(t, "number")
		want, err := strconv.ParseFloat(s, 64)

		if got, ok := scan.ParseFloat([]byte(s)); ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s: %v %v, want %v %v", s, got, ok, want, err)
		}
	})
}

func TestFixedByHand(t *testing.T) {
	for _, c := range []struct {
		number string
		want   amount.Amount
		ok     bool
	}{
		{"0", amount.Amount{}, true},
		{"-0", amount.Amount{}, true},
		{"1", amount.Of(1_000_000), true},
		{"-1.5", amount.Of(-1_500_000), true},
		{"19.99", amount.Of(19_990_000), true},
		{"0.1234567", amount.Of(123_456), true},
		{"-0.1234567", amount.Of(-123_456), true},
		{"0.0000009", amount.Amount{}, true},
		{"1e-6", amount.Of(1), true},
		{"9e-7", amount.Amount{}, true},
		{"1e9", amount.Of(1_000_000_000_000_000), true},
		{"1000000000000", amount.Of(1_000_000_000_000_000_000), true},
		{"1000000000000000000", amount.Max(), true},
		{"0.001e21", amount.Max(), true},
		{"1000000000000000000.0000009", amount.Max(), true},
		{"-1000000000000000000.0000009", amount.Max().Neg(), true},
		{"1000000000000000000.000001", amount.Amount{}, false},
		{"1e19", amount.Amount{}, false},
		{"-1e400", amount.Amount{}, false},
		{"0e999", amount.Amount{}, true},
		{"1e-999999999999999999999", amount.Amount{}, true},
		{"1e999999999999999999999", amount.Amount{}, false},
	} {
		if got, ok := scan.ParseAmount([]byte(c.number)); got != c.want || ok != c.ok {
			t.Errorf("%s: %s %v, want %s %v", c.number, got, ok, c.want, c.ok)
		}
	}
}
