package replay

import "strings"

// layoutOf is the Go layout of a pattern such as dd/MM/yyyy HH:mm, as most other
// programs write them (Unicode Technical Standard 35); false where it is none.
func layoutOf(pattern string) (string, bool) {
	if !strings.Contains(pattern, "yy") || strings.ContainsAny(pattern, "0123456789") {
		return "", false
	}
	var layout strings.Builder
	for i := 0; i < len(pattern); {
		c, n := pattern[i], 1
		for i+n < len(pattern) && pattern[i+n] == c {
			n++
		}
		switch {
		case c == '\'':
			end := strings.IndexByte(pattern[i+1:], '\'')
			if end < 0 {
				return "", false
			}
			layout.WriteString(pattern[i+1 : i+1+end])
			i += end + 2

			continue
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			part, ok := patternPart(c, n)
			if !ok {
				return "", false
			}
			layout.WriteString(part)
		default:
			layout.WriteString(pattern[i : i+n])
		}
		i += n
	}

	return layout.String(), true
}

// patternPart is what n letters of a pattern are in a Go layout.
func patternPart(letter byte, n int) (string, bool) {
	parts := map[byte][]string{
		'y': {"", "06", "", "2006"}, 'M': {"1", "01", "Jan", "January"}, 'd': {"2", "02"}, 'E': {"Mon", "Mon", "Mon", "Monday"},
		'H': {"15", "15"}, 'h': {"3", "03"}, 'm': {"4", "04"}, 's': {"5", "05"}, 'a': {"PM"}, 'T': {"T"},
		'S': {"0", "00", "000", "0000", "00000", "000000"}, 'X': {"Z07", "Z0700", "Z07:00"}, 'x': {"-07", "-0700", "-07:00"},
		'Z': {"-0700", "-0700", "-0700"}, 'z': {"MST", "MST", "MST"},
	}[letter]
	if n > len(parts) || parts[n-1] == "" {
		return "", false
	}

	return parts[n-1], true
}
