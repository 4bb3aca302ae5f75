package backtest

import (
	"slices"
	"sort"
)

// truth is when each customer really engaged, and ended the relation, whether or
// not the detector got to know in time.
type truth struct {
	begin []int // of customer c: times[begin[c]:begin[c+1]]
	times []int64
	ends  map[uint32][]int64 // of the few who ended it, ascending
}

func truthOf(log *Log) truth {
	t := truth{begin: make([]int, len(log.Customers)+1), ends: map[uint32][]int64{}}
	for _, e := range log.Events {
		if e.Ends {
			t.ends[e.Customer] = append(t.ends[e.Customer], e.Time)
		}
		if e.Qualifying {
			t.begin[e.Customer+1]++
		}
	}
	for c := range log.Customers {
		t.begin[c+1] += t.begin[c]
	}
	t.times = make([]int64, t.begin[len(log.Customers)])
	next := slices.Clone(t.begin)
	for _, e := range log.Events {
		if e.Qualifying {
			t.times[next[e.Customer]] = e.Time
			next[e.Customer]++
		}
	}
	for c := range log.Customers {
		slices.Sort(t.of(uint32(c)))
		slices.Sort(t.ends[uint32(c)])
	}

	return t
}

// of are the times of a customer's qualifying events, ascending.
func (t truth) of(customer uint32) []int64 {
	return t.times[t.begin[customer]:t.begin[customer+1]]
}

// quiet says whether the customer has no qualifying event in (from, to].
func (t truth) quiet(customer uint32, from, to int64) bool {
	times := t.of(customer)

	return after(times, from) == after(times, to)
}

// lost says whether the customer is quiet in (from, to], or has ended the relation
// as of its end: the outcome that risks are of, see churn.Outcome.
func (t truth) lost(customer uint32, from, to int64) bool {
	times := t.of(customer)
	until := after(times, to)
	if after(times, from) == until {
		return true
	}
	ends := t.ends[customer]
	ended := after(ends, to)

	return ended > 0 && ends[ended-1] >= times[until-1]
}

// after is the place of the first time after t.
func after(times []int64, t int64) int {
	return sort.Search(len(times), func(i int) bool { return times[i] > t })
}
