//go:build !amd64

package scan

// scan gives a bit for each byte, set where there is a double quote, and a number that is
// not 0 if any byte is a backslash, below 0x20 or above 0x7e.
func scan(b *[64]byte) (quotes, wrong uint64) { return scanWords(b) }
