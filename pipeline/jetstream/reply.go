package jetstream

import "strings"

// reply is what the reply subject of a delivered message says.
//
//	$JS.ACK.<stream>.<consumer>.<tries>.<sequence>.<delivered>.<time>.<pending>
//	$JS.ACK.<domain>.<account>.<stream>.<consumer>.<tries>.<…>.<pending>[.<token>]
type reply struct {
	sequence    uint64 // in the stream
	delivered   uint64 // by the consumer
	nanoseconds int64  // Unix time of storing
	pending     uint64 // matching messages after this one
}

// parseReply reads a reply subject without allocating. It reports false for
// anything but the two forms above.
func parseReply(subject string) (reply, bool) {
	const prefix = "$JS.ACK."
	if !strings.HasPrefix(subject, prefix) {
		return reply{}, false
	}

	rest := subject[len(prefix):]
	skip := 3 // stream, consumer, tries
	switch tokens := strings.Count(rest, ".") + 1; {
	case tokens == 7:
	case tokens >= 9:
		skip = 5 // domain and account before them
	default:
		return reply{}, false
	}
	for range skip {
		_, rest, _ = strings.Cut(rest, ".")
	}

	var fields [4]uint64
	for i := range fields {
		var field string
		field, rest, _ = strings.Cut(rest, ".")
		value, ok := parseNumber(field)
		if !ok {
			return reply{}, false
		}
		fields[i] = value
	}

	return reply{fields[0], fields[1], int64(fields[2]), fields[3]}, true
}

// parseNumber reads a number of 1 to 19 decimal digits. A sign is none.
func parseNumber(text string) (uint64, bool) {
	if len(text) == 0 || len(text) > 19 {
		return 0, false
	}

	var value uint64
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return 0, false
		}
		value = value*10 + uint64(digit)
	}

	return value, true
}
