package amount_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
)

// exact is the amount in math/big.
func exact(a amount.Amount) *big.Int {
	out := new(big.Int).Lsh(big.NewInt(a.Hi), 64)

	return out.Add(out, new(big.Int).SetUint64(a.Lo))
}

func draw(t *rapid.T, label string) amount.Amount {
	return amount.Amount{Lo: rapid.Uint64().Draw(t, label+" low"), Hi: rapid.Int64().Draw(t, label+" high") >> rapid.IntRange(0, 63).Draw(t, label+" bits")}
}

func TestMaxIsTenToTheEighteenth(t *testing.T) {
	if got := amount.Max().String(); got != "1"+strings.Repeat("0", 18) {
		t.Errorf("the largest amount of an event is %s", got)
	}
}

func TestArithmeticIsThatOfBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t, "a"), draw(t, "b")
		a.Hi, b.Hi = a.Hi/4, b.Hi/4 // so that nothing wraps
		if got, want := exact(a.Add(b)), new(big.Int).Add(exact(a), exact(b)); got.Cmp(want) != 0 {
			t.Fatalf("%s + %s is %s, want %s", exact(a), exact(b), got, want)
		}
		if got, want := exact(a.Neg()), new(big.Int).Neg(exact(a)); got.Cmp(want) != 0 {
			t.Fatalf("-%s is %s", exact(a), got)
		}
		if got := exact(a.Abs()); got.CmpAbs(exact(a)) != 0 || got.Sign() < 0 {
			t.Fatalf("|%s| is %s", exact(a), got)
		}
		if got, want := a.Less(b), exact(a).Cmp(exact(b)) < 0; got != want {
			t.Fatalf("%s < %s is %t", exact(a), exact(b), got)
		}
		if got, want := a.Sign(), exact(a).Sign(); got != want {
			t.Fatalf("sign of %s is %d", exact(a), got)
		}
		want, _ := new(big.Float).Quo(new(big.Float).SetInt(exact(a)), big.NewFloat(amount.Scale)).Float64()
		if got := a.Units(); math.Abs(got-want) > 1e-15*math.Abs(want) {
			t.Fatalf("%s in units is %v, want %v", exact(a), got, want)
		}
	})
}

func TestTextIsExactAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := draw(t, "a")
		if a.Hi == math.MinInt64 && a.Lo == 0 {
			return // has no positive counterpart, and no sum gets there
		}
		text := a.String()
		want := new(big.Rat).SetFrac(exact(a), big.NewInt(amount.Scale))
		if got, ok := new(big.Rat).SetString(text); !ok || got.Cmp(want) != 0 {
			t.Fatalf("%s is written as %s", exact(a), text)
		}
		if strings.Contains(text, ".") && strings.HasSuffix(text, "0") {
			t.Fatalf("%s ends in a zero", text)
		}
		if got, ok := amount.Parse(text); !ok || got != a {
			t.Fatalf("%s is read back as %s", text, got)
		}
		data, err := json.Marshal(a)
		if err != nil || string(data) != `"`+text+`"` {
			t.Fatalf("JSON of %s is %s, %v", text, data, err)
		}
		var back amount.Amount
		if err := json.Unmarshal(data, &back); err != nil || back != a {
			t.Fatalf("%s is read back as %s, %v", data, back, err)
		}
	})
}

func TestParse(t *testing.T) {
	const largest = "170141183460469231731687303715884.105727"
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.0000009": "0", "-0.0000019": "-0.000001", "19.99": "19.99", "1e0": "1", "1E+2": "100",
		"1.5e3": "1500", "12345678.9e-6": "12.345678", "1e18": "1000000000000000000", "-1e18": "-1000000000000000000",
		"9223372036854775807": "9223372036854775807", "18446744073709551616.000001": "18446744073709551616.000001",
		"1e-400": "0", "0e400": "0", "0e99999999999999999999999": "0", "100000e-99999999999999999999": "0",
		"0.00000000000000000000000000000000000000000000000001e50": "1", largest: largest, "-" + largest: "-" + largest,
		"999999999999": "999999999999", "9999999999999": "9999999999999", "99999999999.9": "99999999999.9", "99999.999999": "99999.999999",
		"99999.9999999": "99999.999999", "0.000001": "0.000001", "0.5": "0.5", "1.000000": "1", "1.0000000": "1", "9999999999.99": "9999999999.99",
		"184467440737095516.15": "184467440737095516.15", "1844674407370955161.5": "1844674407370955161.5",
		"18446744073709.551616": "18446744073709.551616", "18446744073709.5516159": "18446744073709.551615",
	} {
		if got, ok := amount.Parse(text); !ok || got.String() != want {
			t.Errorf("%s is %s, %t; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "e5", "1e5x", "1,5", " 1", "1 ", "0x10", "00", "00.5", "0.", "-.5", "1..2", "1234567890123x", "Inf", "NaN", "--1", "1.2.3",
		"1e400", "-1e33", "1e99999999999999999999", "170141183460469231731687303715884.105728", strings.Repeat("9", 80),
	} {
		if got, ok := amount.ParseBytes([]byte(text)); ok {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestWhatIsNoAmountIsSaid(t *testing.T) {
	for _, data := range []string{`12`, `"1e40"`, `"x"`, `""`, `null`, `true`} {
		var a amount.Amount
		if err := a.UnmarshalJSON([]byte(data)); !errors.Is(err, amount.ErrAmount) || !strings.Contains(err.Error(), data) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := []byte("1234.56")
	for b.Loop() {
		if _, ok := amount.ParseBytes(text); !ok {
			b.Fatal("no amount")
		}
	}
}
