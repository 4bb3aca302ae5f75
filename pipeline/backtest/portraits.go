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
	Risk     []float64      // at each of At, the steady one, which levels follow; 0 before the first event
	Changes  []churn.Change // of the level
}

const (
	portraitCount = 4
	fewestVisits  = 4 // of a customer worth looking at
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

// portraits draws those who are named at the end, and a few others.
func (s *stream) portraits(end *AtEnd, seed uint64) ([]Portrait, error) {
	horizon := s.engine.model.Horizon()
	who := choosePortraits(s.log, s.truth, horizon, seed)
	others := len(who)
	for i := range end.Customers {
		who = append(who, end.Customers[i].index)
	}
	risks, err := s.curves.draw(s.log, s.engine.model.Config(), who)
	if err != nil {
		return nil, err
	}
	list := make([]Portrait, len(who))
	for i, customer := range who {
		list[i] = Portrait{
			Customer: shown(s.log.Customers[customer]),
			Lost:     s.truth.lost(customer, s.log.Last-horizon, s.log.Last),
			Events:   s.truth.of(customer),
			At:       s.curves.times,
			Risk:     risks[i],
		}
	}
	for _, change := range s.engine.changes {
		for i, customer := range who {
			if customer == change.Customer {
				list[i].Changes = append(list[i].Changes, change.Change)
			}
		}
	}
	for i := range end.Customers {
		end.Customers[i].Portrait = list[others+i]
	}

	return list[:others], nil
}

// shown shortens ids that are too long to show; what tells them apart may be at
// either end.
func shown(id string) string {
	const longest, end = 40, 15
	if utf8.RuneCountInString(id) <= longest {
		return id
	}
	runes := []rune(id)

	return string(runes[:longest-1-end]) + "…" + string(runes[len(runes)-end:])
}
