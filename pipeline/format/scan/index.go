package scan

import "math/bits"

// The plain path reads messages of plainLeast to plainMost bytes. Hardly an
// event is shorter or longer.
const (
	PlainLeast = 64
	PlainMost  = 8 << 10
)

// QuoteIndex has a bit for each byte of a message, set where there is a double
// quote. After the message it has further ones.
type QuoteIndex [2 * PlainMost / 64]uint64

// Find finds the double quotes of a message that has nothing but printable
// ASCII and no backslash, and reports false for any other. So a quote always
// begins or ends a string, and no string needs a check of its own.
//
// That is faster than to read strings one by one: it has no branches that depend on how
// long the strings are, and looks at many bytes at once.
func (q *QuoteIndex) Find(data []byte) bool {
	wrong, n := uint64(0), 0

	for at := 64; at <= len(data); at += 64 {
		quotes, bad := scan((*[64]byte)(data[at-64:]))
		q[n%len(q)] = quotes
		wrong |= bad
		n++
	}

	// The bytes that are left are the end of the last sixty-four.
	if left := len(data) & 63; left > 0 {
		quotes, bad := scan((*[64]byte)(data[len(data)-64:]))
		q[n%len(q)] = quotes >> (64 - left)
		wrong |= bad
		n++
	}

	q[n%len(q)] = ^uint64(0)

	return wrong == 0
}

// After is the place of the first quote from i on; one beyond the message if
// there is none.
func (q *QuoteIndex) After(i int) int {
	word := q[uint(i)>>6%uint(len(q))] >> (i & 63)
	if word == 0 {
		return q.further(i)
	}

	return i + bits.TrailingZeros64(word)
}

func (q *QuoteIndex) further(i int) int {
	n := uint(i)>>6 + 1
	for q[n%uint(len(q))] == 0 {
		n++
	}

	return int(n)<<6 + bits.TrailingZeros64(q[n%uint(len(q))])
}
