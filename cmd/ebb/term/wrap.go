package term

import "strings"

// Wrapped breaks a line at blanks, so that none is longer than 80 columns where that
// can be; those that follow are indented.
func Wrapped(text, indent string) string {
	const width = 80
	var b strings.Builder
	column := 0
	for i, word := range strings.SplitAfter(text, " ") {
		length := len([]rune(strings.TrimRight(word, " ")))
		if i > 0 && column+length > width && column > len(indent) {
			b.WriteString("\n" + indent)
			column = len(indent)
		}
		b.WriteString(word)
		column += len([]rune(word))
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}

	return strings.Join(lines, "\n")
}
