package event

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReasons(t *testing.T) {
	token := regexp.MustCompile(`^[a-z0-9_]+$`)
	seen := map[string]bool{}

	for r := ReasonNone + 1; r < ReasonCount; r++ {
		name := r.String()

		if !token.MatchString(name) || seen[name] || name == "none" {
			t.Errorf("reason %d is named %q", r, name)
		}

		seen[name] = true

		if back, ok := ParseReason(name); !ok || back != r {
			t.Errorf("%s: parsed as %v %v", name, back, ok)
		}

		for other := ReasonNone + 1; other < ReasonCount; other++ {
			if errors.Is(&Refusal{Reason: r}, other.Err()) != (r == other) {
				t.Errorf("%v is taken for %v", r, other)
			}
		}
	}

	for _, name := range []string{
		"malformed", "invalid_utf8", "oversize", "missing_id", "missing_time", "missing_type", "missing_customer", "null_customer",
		"invalid_field", "too_far_ahead", "unknown_type", "misrouted", "import_open", "forged_control", "unreadable_control",
		"customer_limit", "forget_denied",
	} {
		if !seen[name] {
			t.Errorf("no reason %s", name)
		}
	}

	if len(seen) != 17 {
		t.Errorf("%d reasons, want 17", len(seen))
	}

	for _, name := range []string{"", "none", "Malformed"} {
		if r, ok := ParseReason(name); ok {
			t.Errorf("%q: parsed as %v", name, r)
		}
	}

	for _, r := range []Reason{ReasonNone, ReasonCount, 255} {
		if r.String() != "none" || r.Err() != nil {
			t.Errorf("%d: %q, error %v", r, r, r.Err())
		}
	}

	if errors.Is(&Refusal{}, nil) {
		t.Error("a refusal is no error")
	}
}

func TestRefusalText(t *testing.T) {
	for _, c := range []struct {
		refusal *Refusal
		want    string
	}{
		{&Refusal{Reason: ReasonImportOpen}, "import_open"},
		{Refuse(ReasonMissingID, "id", nil, "send one"), "missing_id: id; send one"},
		{Refuse(ReasonInvalidField, "progress", []byte("1.5"), "send a number from 0 to 1"), "invalid_field: progress is 1.5; send a number from 0 to 1"},
		{Refuse(ReasonInvalidField, "currency", []byte(`"€"`), "send a code"), `invalid_field: currency is "\"\u20ac\""; send a code`},
		{Refuse(ReasonMalformed, "byte 3", []byte("a\r\nEbb-Clock: 1"), "x"), `malformed: byte 3 is "a\r\nEbb-Clock: 1"; x`},
		{Refuse(ReasonInvalidField, "id", []byte(strings.Repeat("7", 500)), "shorten it"), "invalid_field: id is " + strings.Repeat("7", 96) + "...; shorten it"},
		{Refuse(ReasonInvalidField, "id", []byte(strings.Repeat("€", 500)), ""), "invalid_field: id is \"" + strings.Repeat(`\u20ac`, 32) + "\"..."},
	} {
		if got := c.refusal.Error(); got != c.want {
			t.Errorf("text is\n%s, want\n%s", got, c.want)
		}
	}
}

// Whatever a producer sends, the text stays one short printable line.
func TestRefusalTextIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anything := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		size := rapid.IntRange(1, 300).Draw(t, "size")

		r := &Refusal{
			Reason: Reason(rapid.Byte().Draw(t, "reason")),
			Field:  strings.Repeat(anything.Draw(t, "field"), size),
			Value:  strings.Repeat(anything.Draw(t, "value"), size),
			Remedy: strings.Repeat(anything.Draw(t, "remedy"), size),
		}

		text := r.Error()
		if len(text) > 1800 || regexp.MustCompile(`[^\x20-\x7e]`).MatchString(text) {
			t.Fatalf("%d bytes: %q", len(text), text)
		}
	})
}
