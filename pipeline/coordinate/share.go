package coordinate

import (
	"cmp"
	"maps"
	"slices"

	"ebb/pipeline/fact"
)

// shareOut says how many of each list of each partition, from the first on, are
// within the budget.
func shareOut(lists [][]alertList, budget int) [][]int {
	customers := make(map[string]int)
	takes := make([][]int, len(lists))
	for i := range lists {
		takes[i] = make([]int, len(lists[i]))
		for _, list := range lists[i] {
			customers[list.currency] += list.customers
		}
	}
	delete(customers, fact.NoValue)
	left := budget
	for currency, share := range shares(customers, budget) {
		left -= takeBest(lists, takes, currency, share)
	}
	takeBest(lists, takes, fact.NoValue, left)

	return takes
}

// shares are the parts of the budget by currency, as near to the parts of the
// customers as whole numbers can be: what is left of rounding down goes to those
// that lost most by it, and of equal ones to the first by their code.
func shares(customers map[string]int, budget int) map[string]int {
	all := 0
	for _, n := range customers {
		all += n
	}
	if all <= budget {
		return customers
	}
	parts := make(map[string]int, len(customers))
	left := budget
	for currency, n := range customers {
		parts[currency] = budget * n / all
		left -= parts[currency]
	}
	lost := func(currency string) int { return budget * customers[currency] % all }
	order := slices.SortedFunc(maps.Keys(customers), func(a, b string) int {
		return cmp.Or(cmp.Compare(lost(b), lost(a)), cmp.Compare(a, b))
	})
	for _, currency := range order[:left] {
		parts[currency]++
	}

	return parts
}

// takeBest takes n of the lists of a currency, the most worth first, and says
// how many there were.
func takeBest(lists [][]alertList, takes [][]int, currency string, n int) (taken int) {
	worths := make([][]fact.Worth, len(lists))
	at := make([]int, len(lists))
	for i := range lists {
		at[i] = slices.IndexFunc(lists[i], func(list alertList) bool { return list.currency == currency })
		if at[i] >= 0 {
			worths[i] = lists[i][at[i]].worths
		}
	}
	for i, take := range selectBest(worths, n) {
		if at[i] >= 0 {
			takes[i][at[i]] = take
			taken += take
		}
	}

	return taken
}
