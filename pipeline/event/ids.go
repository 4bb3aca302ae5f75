package event

import "unicode/utf8"

// IsNullWord tells whether an id is what programs write where they have none:
// null, None, undefined and their like. It is exact; Nan and none may be
// somebody.
func IsNullWord(id []byte) bool {
	switch string(id) {
	case "null", "NULL", "Null", "nil", "None", "undefined", "NaN", `\N`, "(null)", "<null>", "<nil>", "[object Object]":
		return true
	}

	return false
}

// IsBlank tells whether an id has nothing that can be seen.
func IsBlank(id []byte) bool {
	for len(id) > 0 {
		r, size := utf8.DecodeRune(id)
		if !IsInvisible(r) {
			return false
		}
		id = id[size:]
	}

	return true
}

// IsInvisible tells spaces and characters without a width, such as the byte
// order mark, from those that can be seen.
func IsInvisible(r rune) bool {
	switch {
	case r > ' ' && r < 0xa0:
		return false
	case r <= ' ', r == 0xa0, r == 0xad, r == 0x1680, r == 0x180e, r >= 0x2000 && r <= 0x200f, r >= 0x2028 && r <= 0x202f,
		r >= 0x205f && r <= 0x2064, r == 0x3000, r == 0xfeff:
		return true
	}

	return false
}

// RefuseNullCustomer refuses an id that stands for nobody.
func RefuseNullCustomer(ev *Event) error {
	refusal := NullCustomer(ev, "customer", "anonymous_id")
	if refusal == nil {
		return nil // a nil *Refusal would be no nil error
	}

	return refusal
}

// NullCustomer is RefuseNullCustomer where the two fields have names of another
// format.
func NullCustomer(ev *Event, field, anonymous string) *Refusal {
	id := ev.Customer
	if len(id) == 0 {
		field, id = anonymous, ev.AnonymousID
	}
	if len(id) == 0 || id[0] > ' ' && id[0] < 0x80 && !IsNullWord(id) || !IsBlank(id) && !IsNullWord(id) {
		return nil
	}

	return Refuse(ReasonNullCustomer, field, id, "it stands for nobody; send the id of a customer, or "+anonymous+" alone where there is none")
}
