package coordinate

import "ebb/pipeline/fact"

// Shares shares the alert budget out by currency.
func Shares(customers map[string]int, budget int) map[string]int { return shares(customers, budget) }

// SelectBest is how the Allotter chooses.
func SelectBest(lists [][]fact.Worth, n int) []int { return selectBest(lists, n) }
