package event

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// What a source says of an event that it could not read comes back as it said it.
func TestRefusedGoesAndComesBack(t *testing.T) {
	at := RefusedAt{Source: "shop", Stream: "ORDERS", Sequence: 17, Item: 2, Format: "segment"}
	why := Refuse(ReasonInvalidField, "segment timestamp", []byte("yesterday"), "send a time")
	for _, raw := range [][]byte{[]byte(`{"timestamp":"yesterday"}`), {0xff, 0x1e, 0}, bytes.Repeat([]byte("€"), MaxRefusedBytes)} {
		body := AppendRefused(nil, "shop:17-2", at, why, raw)
		if !FitsRow(body) || bytes.ContainsAny(body, "\n\r") {
			t.Errorf("%.40q doesn't fit into a row", body)
		}
		got := ParseRefused(body)
		if got == nil || !errors.Is(got, ErrInvalidField) {
			t.Fatalf("read back %v", got)
		}
		const want = "invalid_field: source shop, stream ORDERS, sequence 17, item 2, format segment: segment timestamp is yesterday; send a time"
		if got.Error() != want {
			t.Errorf("it says %q,\nwant   %q", got, want)
		}
		if len(body) > MaxEventBytes {
			t.Errorf("%d bytes, more than an event may have", len(body))
		}
	}
	for _, other := range []string{``, `{}`, `{"id":"a","refused":true}`, `{"refused":{"reason":"none","source":"a"}}`, `{"refused":{"reason":"malformed"}}`} {
		if got := ParseRefused([]byte(other)); got != nil {
			t.Errorf("%s is taken for %v", other, got)
		}
	}
	if text := (&Refusal{Reason: ReasonMalformed, From: strings.Repeat("x", 1000)}).Error(); len(text) > 1800 {
		t.Errorf("%d bytes of text", len(text))
	}
}
