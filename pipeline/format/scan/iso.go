package scan

// ParseISO reads a time as ParseTime does, and ISO 8601 as programs write it
// otherwise: t and z in lower case, a blank for T, an offset without its colon or
// behind a blank, and no offset for UTC.
func ParseISO(s []byte) (ms int64, fault string) { //nolint:cyclop // a case for each way to write it
	if ms, fault = ParseTime(s); fault == "" || len(s) < len(timeForm) || len(s) > maxISO {
		return ms, fault
	}
	var buffer [maxISO + 3]byte
	text := append(buffer[:0], s...)
	if text[10] == ' ' || text[10] == 't' {
		text[10] = 'T'
	}
	end := len(timeForm)
	if end < len(text) && text[end] == '.' {
		end = digits(text, end+1)
	}
	if end < len(text) && text[end] == ' ' {
		text = append(text[:end], text[end+1:]...)
	}
	switch zone := text[end:]; {
	case len(zone) == 0:
		text = append(text, 'Z')
	case len(zone) == 1 && zone[0] == 'z':
		text[end] = 'Z'
	case string(zone) == "UTC", string(zone) == "GMT":
		text = append(text[:end], 'Z')
	case len(zone) == 5 && (zone[0] == '+' || zone[0] == '-'):
		tens, ones := zone[3], zone[4]
		text = append(text[:end+3], ':', tens, ones)
	case len(zone) == 3 && (zone[0] == '+' || zone[0] == '-'):
		text = append(text, ':', '0', '0')
	}
	if again, still := ParseTime(text); still == "" {
		return again, ""
	}

	return ms, fault
}

// maxISO is the longest time that is read, in bytes: with a fraction of 22 digits.
const maxISO = 48
