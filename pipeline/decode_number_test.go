package pipeline

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// jsonNumber draws a number in the grammar of JSON.
var jsonNumber = rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?`)

// moneyNumber draws numbers around the limits of a value.
var moneyNumber = rapid.StringMatching(`-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,9})?(e[+-]?[0-9])?|-?100000000[01](\.0{1,6}[01])?|-?0\.0{1,20}[0-9]{1,9}(e[0-9]{1,2})?`)

func TestParseFixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(jsonNumber, moneyNumber).Draw(t, "number")
		want, wantOK := fixedOracle(s)

		if got, ok := parseFixed([]byte(s)); ok != wantOK || ok && got != want {
			t.Fatalf("%s: %d %v, want %d %v", s, got, ok, want, wantOK)
		}
	})
}

func TestParseFloat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(jsonNumber, moneyNumber).Draw(t, "number")
		want, err := strconv.ParseFloat(s, 64)

		if got, ok := parseFloat([]byte(s)); ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s: %v %v, want %v %v", s, got, ok, want, err)
		}
	})
}

func TestFixedByHand(t *testing.T) {
	for _, c := range []struct {
		number string
		want   int64
		ok     bool
	}{
		{"0", 0, true},
		{"-0", 0, true},
		{"1", 1_000_000, true},
		{"-1.5", -1_500_000, true},
		{"19.99", 19_990_000, true},
		{"0.1234567", 123_456, true},
		{"-0.1234567", -123_456, true},
		{"0.0000009", 0, true},
		{"1e-6", 1, true},
		{"9e-7", 0, true},
		{"1000000000", MaxValue, true},
		{"1e9", MaxValue, true},
		{"0.001e12", MaxValue, true},
		{"1000000000.0000009", MaxValue, true},
		{"-1000000000.0000009", -MaxValue, true},
		{"1000000000.000001", 0, false},
		{"1e10", 0, false},
		{"0e999", 0, true},
		{"1e-999999999999999999999", 0, true},
		{"1e999999999999999999999", 0, false},
	} {
		if got, ok := parseFixed([]byte(c.number)); got != c.want || ok != c.ok {
			t.Errorf("%s: %d %v, want %d %v", c.number, got, ok, c.want, c.ok)
		}
	}
}
