package amount_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
)

func TestTimesIsThatOfBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		got, ok := a.Times(b)
		want := new(big.Int).Mul(exact(a), exact(b))
		want.Quo(want, big.NewInt(amount.Scale))
		small := exact(a).CmpAbs(new(big.Int).Lsh(big.NewInt(1), 64)) < 0 && exact(b).CmpAbs(new(big.Int).Lsh(big.NewInt(1), 64)) < 0
		if ok != (small && want.CmpAbs(exact(amount.Max())) <= 0) {
			t.Fatalf("%v times %v: ok is %v", a, b, ok)
		}
		if ok && exact(got).Cmp(want) != 0 {
			t.Fatalf("%v times %v is %v, want %v", a, b, got, want)
		}
	})
}
