package shard

import (
	"slices"

	"ebb/pipeline/fact"
	"ebb/windows"
	"ebb/windows/codec"
)

// expired are the windows of old history that nobody will keep: an import says
// in its start mark up to when retention removes the rows of each window
// length, and rows that it would remove at once are not produced. It is a part
// of the input and not of the configuration, so results don't depend on when
// they are computed, and retention may change at any time.
//
// What an import says holds for windows that end behind its start, until
// another import says something else.
type expired struct {
	generations []expiredGeneration // ascending by since
}

type expiredGeneration struct {
	since int64   // the shard's clock at the start mark
	until []int64 // by length: windows that end by then are expired
}

// keeps says whether a row of a window is to be produced.
func (e *expired) keeps(row windows.Row) bool {
	for i := len(e.generations) - 1; i >= 0; i-- {
		if g := &e.generations[i]; row.End > g.since {
			return row.End > g.until[row.Length]
		}
	}

	return true
}

// begin takes what a start mark says, at the shard's clock. What no window
// follows any more, because those that end by final are, is forgotten.
func (e *expired) begin(clock, final int64, until []int64) {
	if len(e.generations) == 0 && !slices.ContainsFunc(until, func(at int64) bool { return at > 0 }) {
		return
	}
	if n := len(e.generations); n > 0 && e.generations[n-1].since == clock {
		e.generations = e.generations[:n-1]
	}
	e.generations = append(e.generations, expiredGeneration{since: clock, until: until})
	for len(e.generations) > 1 && e.generations[1].since <= final {
		e.generations = slices.Delete(e.generations, 0, 1)
	}
}

// expiredUntil is what a start mark says, by length.
func (s *Shard) expiredUntil(mark *fact.StartMark) []int64 {
	until := make([]int64, len(s.config.Lengths))
	for i, length := range s.config.Lengths {
		until[i] = max(mark.Expired[length.Name], 0)
	}

	return until
}

func (s *Shard) appendExpired(dst []byte) []byte {
	w := codec.To(dst)
	w.Uint(uint64(len(s.expired.generations)))
	for _, g := range s.expired.generations {
		w.Int(g.since)
		for _, at := range g.until {
			w.Int(at)
		}
	}

	return w.Bytes()
}

// readExpired reads what appendExpired wrote. The lengths are those of the
// configuration in the same snapshot, which no record changes.
func (s *Shard) readExpired(body []byte) error {
	r := reading(body)
	for range r.Count(1+len(s.config.Lengths), "imports") {
		g := expiredGeneration{since: r.Int(), until: make([]int64, len(s.config.Lengths))}
		for i := range g.until {
			g.until[i] = r.Int()
		}
		if r.Err() != nil {
			break
		}
		s.expired.generations = append(s.expired.generations, g)
	}

	return r.End()
}
