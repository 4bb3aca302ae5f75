package churn

// Currency is the ISO 4217 code of a currency as a number that is the same in
// every release: its letters to the base 26, and one. 0 is that of amounts
// without a currency.
type Currency uint16

// maxCurrency is ZZZ.
const maxCurrency Currency = 26 * 26 * 26

// CurrencyOf is the currency of a code of three capitals, 0 for anything else.
func CurrencyOf[T ~string | ~[]byte](code T) Currency {
	if len(code) != 3 {
		return 0
	}
	c := Currency(0)
	for i := range 3 {
		if code[i] < 'A' || code[i] > 'Z' {
			return 0
		}
		c = c*26 + Currency(code[i]-'A')
	}

	return c + 1
}

// String is the code, "" for none.
func (c Currency) String() string {
	if c == 0 || c > maxCurrency {
		return ""
	}
	c--

	return string([]byte{'A' + byte(c/676), 'A' + byte(c/26%26), 'A' + byte(c%26)})
}
