package replay

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sort"
)

// Effort of the chaos order.
const (
	chaosSwaps  = 8  // swaps that are tried for each row
	chaosDelays = 16 // one of so many rows is moved as far back as it may go
	chaosSteps  = 64 // places that rows may move by that, for each row of the file
)

// chaosOrder is another order of the same rows that has to give the same
// results. Clocks stay in their places, and a row moves only to places where
// the shards' verdict on it (in time, late, too far ahead) is the same. Rows
// that share a customer and an id keep their places, so that the first of them
// stays the first. It holds the whole file in memory.
type chaosOrder struct {
	rows   []payload
	clocks []int64
	judge  judge
	random *rand.Rand
	at     int
}

func newChaosOrder(in rows, judge judge, seed uint64) (*chaosOrder, error) {
	c := &chaosOrder{judge: judge, random: rand.New(rand.NewPCG(seed, 0x65_62_62))}
	seen := make(map[uint64]int)
	for {
		p, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		c.rows = append(c.rows, p.payload)
		c.clocks = append(c.clocks, p.clock)
		if p.identity != 0 {
			seen[p.identity]++
		}
	}
	pinned := func(i int) bool { return seen[c.rows[i].identity] > 1 }
	c.delay(pinned) // first: swaps leave little room for it
	c.swap(pinned)

	return c, nil
}

// next yields the rows with the clocks of their places.
func (c *chaosOrder) next() (placed, error) {
	if c.at == len(c.rows) {
		return placed{}, io.EOF
	}
	p := placed{payload: c.rows[c.at], clock: c.clocks[c.at]}
	c.rows[c.at].body = nil // no longer needed here
	c.at++

	return p, nil
}

// span is the places from, up to to, where the verdict on the row at i is the
// same as at i. Clocks never go back, so they are next to each other.
func (c *chaosOrder) span(i int) (from, to int) {
	row := c.rows[i]
	behind := func(clock int64) int {
		return sort.Search(len(c.clocks), func(k int) bool { return c.clocks[k] >= clock })
	}
	notAhead, isLate := behind(row.time-c.judge.skew), behind(row.time+c.judge.lateness+1)
	switch c.judge.of(row, c.clocks[i]) {
	case tooFarAhead:
		return 0, notAhead
	case late:
		return isLate, len(c.clocks)
	case inTime:
		return notAhead, isLate
	default:
		return 0, len(c.clocks)
	}
}

// swap exchanges pairs of rows where both may go to the other's place.
func (c *chaosOrder) swap(pinned func(int) bool) {
	for range chaosSwaps {
		for i := range c.rows {
			from, to := c.span(i)
			j := from + c.random.IntN(to-from)
			if c.fits(i, j) && c.fits(j, i) && !pinned(i) && !pinned(j) {
				c.rows[i], c.rows[j] = c.rows[j], c.rows[i]
			}
		}
	}
}

// fits tells whether the row at i may stand at j.
func (c *chaosOrder) fits(i, j int) bool {
	return c.judge.of(c.rows[i], c.clocks[j]) == c.judge.of(c.rows[i], c.clocks[i])
}

// delay moves some rows far back; those in between move one place forward.
// Swaps alone reach no further than the skew where a file is in order.
func (c *chaosOrder) delay(pinned func(int) bool) {
	steps := chaosSteps * len(c.rows) // moving is slow where all may go far
	for range len(c.rows) / chaosDelays {
		i := c.random.IntN(len(c.rows))
		if pinned(i) {
			continue
		}
		_, to := c.span(i)
		goal := i + c.random.IntN(to-i)
		last := i
		for last < goal && steps > 0 && !pinned(last+1) && c.fits(last+1, last) {
			last++
			steps--
		}
		row := c.rows[i]
		copy(c.rows[i:], c.rows[i+1:last+1])
		c.rows[last] = row
	}
	c.rows = slices.Clip(c.rows)
}
