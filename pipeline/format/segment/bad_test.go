package segment

import (
	"strings"
	"testing"
)

func contains(t *testing.T, text, want string) {
	t.Helper()
	if !strings.Contains(text, want) {
		t.Errorf("%s has no %s", text, want)
	}
}

// badCall is a call that is refused, and how.
type badCall struct{ name, call, want string }

func badCalls() []badCall {
	rest := `"messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":"u1"`
	track := `{"type":"track","event":"Order Completed",` + rest

	return []badCall{
		{"empty", ``, `malformed: segment byte 0; send a JSON object, not an empty message`},
		{"mark", "\xef\xbb\xbf{}", `malformed: segment byte 0 is "\ufeff{}"; send a JSON object without a byte order mark`},
		{"word", `track`, `malformed: segment byte 0 is track; send one JSON object`},
		{"open", track, `malformed: segment byte 106; put a comma or } after a value`},
		{"twice", `{"type":"track","type":"page",` + rest + `}`, `malformed: segment byte 16 is "type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":"u1"}; send each name of an object once`},
		{"twice inside", `{"type":"page","properties":{"a":1,"a":2},` + rest + `}`, `malformed: segment byte 35 is "a":2},"messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":"u1"}; send each name of an object once`},
		{"behind", `{"type":"page",` + rest + `}}`, `malformed: segment byte 80 is }; send nothing after the object`},
		{"no UTF-8", `{"type":"page",` + rest + `,"x":"` + "\xff" + `"}`, `invalid_utf8: segment byte 85 is "\xff"; send strings as UTF-8`},
		{"too large", `{"x":"` + strings.Repeat("x", 65536) + `"}`, `oversize: segment event is 65544 bytes; send at most 65536 bytes`},
		{"call", `{"type":"tracks",` + rest + `}`, `invalid_field: segment type is "tracks"; send track, identify, page, screen, group or alias`},
		{"call as number", `{"type":7,` + rest + `}`, `invalid_field: segment type is 7; send track, identify, page, screen, group or alias`},
		{"no call", `{` + rest + `}`, `missing_type: segment type; send track, identify, page, screen, group or alias`},
		{"no event", `{"type":"track",` + rest + `}`, `missing_type: segment event; send what happened, such as Order Completed`},
		{"event as object", `{"type":"track","event":{"name":"x"},` + rest + `}`, `invalid_field: segment event is {"name":"x"}; send a string`},
		{"long event", `{"type":"track","event":"` + strings.Repeat("e", 129) + `",` + rest + `}`, `invalid_field: segment event is "` + strings.Repeat("e", 95) + `...; send at most 128 bytes`},
		{"no id", `{"type":"page","userId":"u1","timestamp":"2026-05-04T12:00:00Z"}`, `missing_id: segment messageId; send a messageId that is the same when the call is sent again`},
		{"no time", `{"type":"page","userId":"u1","messageId":"m"}`, `missing_time: segment timestamp; send when it happened, such as 2026-05-04T12:34:56.789Z`},
		{"nobody", `{"type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z"}`, `missing_customer: segment userId; send userId or anonymousId`},
		{"undefined", `{"type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":"undefined"}`, `null_customer: segment userId is undefined; it stands for nobody; send the id of a customer, or anonymousId alone where there is none`},
		{"null as anonymous", `{"type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z","anonymousId":"null"}`, `null_customer: segment anonymousId is null; it stands for nobody; send the id of a customer, or anonymousId alone where there is none`},
		{"customer as array", `{"type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":["u1"]}`, `invalid_field: segment userId is ["u1"]; send a string`},
		{"customer with fraction", `{"type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":1.5}`, `invalid_field: segment userId is 1.5; send a string`},
		{"control in customer", `{"type":"page","messageId":"m","timestamp":"2026-05-04T12:00:00Z","userId":"u\n1"}`, `invalid_field: segment userId is "u\n1"; remove the control characters`},
		{"time as number", `{"type":"page","messageId":"m","userId":"u1","timestamp":1777896000}`, `invalid_field: segment timestamp is 1777896000; send a time as a string, such as 2026-05-04T12:34:56.789Z`},
		{"time in words", `{"type":"page","messageId":"m","userId":"u1","timestamp":"yesterday"}`, `invalid_field: segment timestamp is "yesterday"; send RFC 3339, such as 2026-05-04T12:34:56.789Z`},
		{"no such day", `{"type":"page","messageId":"m","userId":"u1","timestamp":"2026-02-30T12:00:00Z"}`, `invalid_field: segment timestamp is "2026-02-30T12:00:00Z"; send a day that the calendar has`},
		{"sent at", `{"type":"page",` + rest + `,"sentAt":"12:00"}`, `invalid_field: segment sentAt is "12:00"; send RFC 3339, such as 2026-05-04T12:34:56.789Z`},
		{"received at", `{"type":"page",` + rest + `,"receivedAt":false}`, `invalid_field: segment receivedAt is false; send a time as a string, such as 2026-05-04T12:34:56.789Z`},
		{"revenue in words", track + `,"properties":{"revenue":"lots"}}`, `invalid_field: segment properties.revenue is "lots"; send a number, without quotes, of at most 1e18`},
		{"revenue too large", track + `,"properties":{"revenue":1e19}}`, `invalid_field: segment properties.revenue is 1e19; send a number, without quotes, of at most 1e18`},
		{"value as array", track + `,"properties":{"value":[1]}}`, `invalid_field: segment properties.value is [1]; send a number, without quotes, of at most 1e18`},
		{"currency", track + `,"properties":{"revenue":1,"currency":"dollars"}}`, `invalid_field: segment properties.currency is "dollars"; send an ISO 4217 code, such as EUR`},
		{"currency as number", track + `,"properties":{"revenue":1,"currency":840}}`, `invalid_field: segment properties.currency is 840; send a string`},
		{"products", track + `,"properties":{"products":{"sku":"a"}}}`, `invalid_field: segment properties.products is {"sku":"a"}; send a JSON array of products`},
		{"properties", track + `,"properties":"none"}`, `invalid_field: segment properties is "none"; send a JSON object`},
		{"traits", `{"type":"identify",` + rest + `,"traits":[]}`, `invalid_field: segment traits is []; send a JSON object`},
		{"long session", `{"type":"page",` + rest + `,"context":{"sessionId":"` + strings.Repeat("s", 257) + `"}}`, `invalid_field: segment context.sessionId is "` + strings.Repeat("s", 95) + `...; send at most 256 bytes`},
	}
}
