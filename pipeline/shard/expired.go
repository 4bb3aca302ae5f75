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
func (e *expired) keeps(row *windows.Row) bool {
	for i := len(e.generations) - 1; i >= 0; i-- {
		if g := &e.generations[i]; row.End > g.since {
			return row.End > g.until[row.Length]
		}
	}

	return true
}

// past is up to when windows that end after a time are expired, by length; nil where none
// are, or where that differs between them.
func (e *expired) past(end int64) []int64 {
	if n := len(e.generations); n > 0 && e.generations[n-1].since <= end {
		return e.generations[n-1].until
	}

	return nil
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
func expiredUntil(mark *fact.StartMark, lengths []windows.Length) []int64 {
	until := make([]int64, len(lengths))
	for i, length := range lengths {
		until[i] = max(mark.Expired[length.Name], 0)
	}

	return until
}

func (e *expired) write(w *codec.Writer) {
	w.Uint(uint64(len(e.generations)))
	for _, g := range e.generations {
		w.Int(g.since)
		for _, at := range g.until {
			w.Int(at)
		}
	}
}

// read reads what write wrote. The lengths are those of the configuration in the same
// snapshot, which no record changes.
func (e *expired) read(r *codec.Reader, lengths int) {
	for range r.Count(1+lengths, "imports") {
		g := expiredGeneration{since: r.Int(), until: make([]int64, lengths)}
		for i := range g.until {
			g.until[i] = r.Int()
		}
		if r.Err() != nil {
			break
		}
		e.generations = append(e.generations, g)
	}
}
