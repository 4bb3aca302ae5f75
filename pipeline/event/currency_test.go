package event

import (
	"strings"
	"testing"
)

func TestCurrencies(t *testing.T) {
	for _, code := range strings.Fields("USD EUR JPY GBP CHF CNY INR BRL ZAR XCG ZWG SLE VED MRU STN BYN XAU XXX BGN HRK") {
		if !IsCurrency([]byte(code)) {
			t.Errorf("%s is refused", code)
		}
	}

	for _, code := range []string{"", "eur", "Eur", "EU", "EURO", "€", "DEM", "ITL", "BTC", "AAA", "ZZZ"} {
		if IsCurrency([]byte(code)) {
			t.Errorf("%q is accepted", code)
		}
	}

	// 178 active codes, and 11 withdrawn since 2015.
	count := 0

	for i := range 26 * 26 * 26 {
		if IsCurrency([]byte{byte('A' + i/676), byte('A' + i/26%26), byte('A' + i%26)}) {
			count++
		}
	}

	if count != 178+11 {
		t.Errorf("%d codes, want 189", count)
	}
}
