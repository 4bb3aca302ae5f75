package simulate

import "bytes"

// spoil is a way in which an item is no acceptable event.
type spoil uint8

const (
	sound spoil = iota
	cutOff
	withoutID
	withoutTime
	withoutType
	withoutCustomer
	badTime
	badText
	farAhead
	spoils = iota // how many there are
)

// reason is what a reader finds wrong, under the name of the dead letter.
func (s spoil) reason() string {
	return [spoils]string{
		"", "malformed", "missing_id", "missing_time", "missing_type", "missing_customer", "invalid_field", "invalid_utf8",
		"too_far_ahead",
	}[s]
}

// apply spoils a body in place and returns what is left.
func (s spoil) apply(body []byte) []byte {
	rename := func(field string) []byte { // the reader finds another field
		if at := bytes.Index(body, []byte(`"`+field+`":`)); at >= 0 {
			body[at+1] = '_'
		}

		return body
	}
	switch s {
	case sound, farAhead: // the body is as it should be, but for the time it tells
	case cutOff:
		return body[:len(body)/2]
	case withoutID:
		return rename("id")
	case withoutTime:
		return rename("time")
	case withoutType:
		return rename("type")
	case withoutCustomer:
		rename("customer")

		return rename("anonymous_id")
	case badTime: // a letter in the year
		body[bytes.Index(body, []byte(`"time":"`))+len(`"time":"`)] = 'x'
	case badText: // a byte that starts no character
		body[bytes.Index(body, []byte(`"type":"`))+len(`"type":"`)] = 0xff
	}

	return body
}
