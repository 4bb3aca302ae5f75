package shard

import (
	"slices"

	"ebb/pipeline/churn"
	"ebb/windows/codec"
)

// What is learned is by the place of a term. So the names of the terms stand in
// front of it, and what was learned of other terms is dropped: a program with
// another term begins with its prior, and Lineage.Since says so.

// termsOfFive are the terms of all snapshots of format 5, which did not name them.
func termsOfFive() []string {
	return []string{
		"slots", "tenure", "lately", "recent", "overall", "negatives", "experience", "pressure", "pause", "spread",
		"recency", "silence", "lapsed", "rhythm", "habit", "life", "contact", "week",
	}
}

func writeTerms(w *codec.Writer) {
	names := churn.TermNames()
	w.Uint(uint64(len(names)))
	for _, name := range names {
		w.Text(name)
	}
}

// sameTerms reads names, and says whether they are those of the terms.
func sameTerms(r *codec.Reader) bool {
	var names []string
	n := r.Count(1, "terms")
	for i := 0; i < n && r.Err() == nil; i++ {
		names = append(names, r.Text())
	}

	return isTerms(names)
}

func isTerms(names []string) bool { return slices.Equal(names, churn.TermNames()) }
