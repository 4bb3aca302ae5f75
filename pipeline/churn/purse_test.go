package churn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCurrenciesAreNumbersOfTheirLetters(t *testing.T) {
	for code, want := range map[string]Currency{"AAA": 1, "EUR": 4*676 + 20*26 + 17 + 1, "ZZZ": maxCurrency} {
		if got := CurrencyOf(code); got != want || got.String() != code {
			t.Errorf("%s is %d, and that is %q", code, got, got.String())
		}
	}
	for _, code := range []string{"", "eur", "EU", "EURO", "E1R", "É1"} {
		if got := CurrencyOf([]byte(code)); got != 0 || got.String() != "" {
			t.Errorf("%q is %d", code, got)
		}
	}
	if got := (maxCurrency + 1).String(); got != "" {
		t.Errorf("the number after that of ZZZ is %q", got)
	}
}

func TestPurses(t *testing.T) {
	for name, test := range map[string]struct{ amounts, want string }{
		"one currency":               {"EUR 10, EUR 20", "EUR 30"},
		"none":                       {"- 10, - 20", "- 30"},
		"none beside one":            {"- 10, EUR 5, EUR 5", "EUR 10"},
		"most orders, not most":      {"EUR 10, USD 1, JPY 0, USD 1", "USD 2"},
		"equally many":               {"EUR 10, USD 1", "EUR 10"},
		"every amount of two counts": {"EUR 10, USD 1, EUR 10, USD 2, USD 3", "USD 6"},
		"given back":                 {"EUR 100, EUR -100", "EUR 0"},
		"given back in another":      {"EUR 100, USD -100", "EUR 100"},
		"no more than there is":      {"EUR 70, EUR -100, EUR 30", "EUR 30"},
		"given back before":          {"EUR -100, EUR 100, EUR 20", "EUR 20"},
		"given back before, others":  {"EUR -100, USD 7", "USD 7"},
		"a third is passed over":     {"EUR 1, EUR 1, USD 1, JPY 5, EUR 1", "EUR 3"},
		"a third that goes on":       {"EUR 1, USD 1, JPY 5, JPY 5, JPY 5", "JPY 10"},
		"one that can't be":          {"EUR 20, EUR 1e15, EUR -1e15, EUR 20", "EUR 20"},
		"as much as can be":          {"EUR 1e18, EUR 1e18, EUR 1e300", fmt.Sprint("EUR ", float32(math.MaxFloat32))},
	} {
		var p purses
		for text := range strings.SplitSeq(test.amounts, ", ") {
			var code string
			var amount float64
			if _, err := fmt.Sscan(text, &code, &amount); err != nil {
				t.Fatal(err)
			}
			if amount != 0 {
				p.add(amount, CurrencyOf(code))
			}
			if !p.right() {
				t.Errorf("%s: purses are %+v", name, p)
			}
		}
		code := p.currency[0].String()
		if code == "" {
			code = "-"
		}
		if got := fmt.Sprint(code, " ", p.value[0]); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// With two currencies all is counted, and the first is that of most orders.
func TestPursesOfTwoCurrenciesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p purses
		sums, orders := map[Currency]float32{}, map[Currency]int{}
		for range rapid.IntRange(1, 60).Draw(t, "orders") {
			c := rapid.SampledFrom([]Currency{3, 9}).Draw(t, "currency")
			p.add(1, c)
			sums[c]++
			orders[c]++
		}
		first := p.currency[0]
		if p.value[0] != sums[first] || orders[first] < orders[12-first] {
			t.Fatalf("%+v of %v", p, orders)
		}
	})
}

// A currency with more than half of the orders is the first, whatever else comes.
func TestPursesKeepTheCurrencyOfMostOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p purses
		orders := map[Currency]int{}
		n := rapid.IntRange(1, 80).Draw(t, "orders")
		for range n {
			c := rapid.SampledFrom([]Currency{1, 1, 1, 1, 2, 3, 4}).Draw(t, "currency")
			p.add(5, c)
			orders[c]++
		}
		if !p.right() {
			t.Fatalf("purses are %+v", p)
		}
		if 3*orders[1] > 2*n && p.currency[0] != 1 {
			t.Fatalf("%d of %d orders are in currency 1, and purses are %+v", orders[1], n, p)
		}
	})
}

func TestPursesDoNotOverflow(t *testing.T) {
	var p purses
	for range 3 * math.MaxUint16 {
		p.add(1, 1)
	}
	for range 2 * math.MaxUint16 {
		p.add(1, 2)
	}
	if !p.right() || p.currency[0] != 2 {
		t.Errorf("purses are %+v", p)
	}
}
