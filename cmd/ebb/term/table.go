package term

import "strings"

// TerminalWidth is how many characters a line for people has at most.
const TerminalWidth = 80

// Fitted sets cells in columns, two blanks apart, and cuts the last column where
// it would go beyond the width.
func Fitted(rows [][]string, width int) []string {
	widths := make([]int, len(rows[0])-1)
	for _, row := range rows {
		for i := range widths {
			widths[i] = max(widths[i], len([]rune(row[i])))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		line := " "
		for i, cell := range row[:len(widths)] {
			line += " " + cell + strings.Repeat(" ", widths[i]-len([]rune(cell))+1)
		}
		used := len([]rune(line)) + 1
		lines[n] = strings.TrimRight(line+" "+Shortened(row[len(widths)], width-used), " ")
	}

	return lines
}

// Shortened is a text of at most so many characters; … stands for what is cut, at
// a blank where one is near.
func Shortened(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	if most < 2 {
		return ""
	}
	cut := string(runes[:most-1])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)*2/3 {
		cut = strings.TrimRight(cut[:at], " ,;:")
	}

	return cut + "…"
}
