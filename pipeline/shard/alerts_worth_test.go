package shard

import (
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/churn"
)

// The order of worths is that of values at risk at any size, and of risks where
// these are the same.
func TestWorthsHaveTheOrderOfValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Float64Range(0, 1e4), rapid.Float64Range(3e11, 4e11), rapid.Float64Range(1e12, 1e24))
		a, b := value.Draw(t, "a"), value.Draw(t, "b")
		x, y := worthOf(a, 3), worthOf(b, 5)
		switch {
		case a > b*1.00001+0.02 && x <= y, b > a*1.00001+0.02 && y <= x:
			t.Fatalf("%v is worth %d, %v is worth %d", a, x, b, y)
		case a <= b && x>>riskBits > y>>riskBits:
			t.Fatalf("%v is worth %d, %v is worth %d", a, x, b, y)
		}
		if got := cmp.Compare(worthOf(a, 7), worthOf(a, 6)); got != 1 {
			t.Fatalf("of one value, a higher risk compares as %d", got)
		}
	})
	if w := worthOf(1e300, churn.Certain-1); w>>riskBits != 1<<46-1 {
		t.Errorf("the greatest worth is %d", w)
	}
}
