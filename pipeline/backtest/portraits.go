package backtest

import (
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/churn"
)

// Portrait is how one customer's risk went through the log, for people to look
// at.
type Portrait struct {
	Customer string
	Lost     bool           // silent through the last horizon
	Events   []int64        // times of qualifying events, Unix ms
	At       []int64        // Unix ms
	Risk     []float64      // at each of At; 0 before the first event
	Changes  []churn.Change // of the level
}

const (
	portraitCount  = 4
	portraitPoints = 300
	fewestVisits   = 4 // of a customer worth looking at
)

// choosePortraits draws customers with several events who came in the first
// half of the log: two who are silent through its last horizon, two who are
// not, as far as there are any.
func choosePortraits(log *Log, t truth, horizon int64, seed uint64) []uint32 {
	type candidate struct {
		hash     uint64
		customer uint32
	}
	var lost, there []candidate
	salt := binary.LittleEndian.AppendUint64(nil, rand.New(rand.NewPCG(seed, 1)).Uint64())
	for c := range log.Customers {
		who := uint32(c)
		times := t.of(who)
		if len(times) < fewestVisits || times[0] > log.First+(log.Last-log.First)/2 {
			continue
		}
		drawn := candidate{xxh3.Hash(append(salt[:8:8], log.Customers[c]...)), who}
		if t.quiet(who, log.Last-horizon, log.Last) {
			lost = append(lost, drawn)
		} else {
			there = append(there, drawn)
		}
	}
	var chosen []uint32
	for _, group := range [][]candidate{lost, there} {
		slices.SortFunc(group, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.customer, b.customer))
		})
		for _, drawn := range group[:min(len(group), portraitCount/2)] {
			chosen = append(chosen, drawn.customer)
		}
	}

	return chosen
}

// sitters are the portraits on their way.
type sitters struct {
	who   []uint32
	of    []Portrait
	times []int64 // still to come
}

func newSitters(log *Log, t truth, horizon int64, seed uint64) *sitters {
	s := &sitters{who: choosePortraits(log, t, horizon, seed)}
	for _, who := range s.who {
		s.of = append(s.of, Portrait{
			Customer: shown(log.Customers[who]),
			Lost:     t.quiet(who, log.Last-horizon, log.Last),
			Events:   t.of(who),
		})
	}
	for i := range portraitPoints + 1 {
		s.times = append(s.times, log.First+(log.Last-log.First)*int64(i)/portraitPoints)
	}

	return s
}

// sit draws all that is to be drawn at the next of the times.
func (s *sitters) sit(e *engine) {
	at := s.times[0]
	s.times = s.times[1:]
	for i, who := range s.who {
		p := &s.of[i]
		p.At = append(p.At, at)
		p.Risk = append(p.Risk, e.model.Score(&e.states[who], at).Risk())
	}
}

// finish adds the changes of level.
func (s *sitters) finish(changes []Change) []Portrait {
	for _, change := range changes {
		if i := slices.Index(s.who, change.Customer); i >= 0 {
			s.of[i].Changes = append(s.of[i].Changes, change.Change)
		}
	}

	return s.of
}

// shown shortens ids that are too long to show.
func shown(id string) string {
	const longest = 40
	if utf8.RuneCountInString(id) <= longest {
		return id
	}

	return string([]rune(id)[:longest-1]) + "…"
}
