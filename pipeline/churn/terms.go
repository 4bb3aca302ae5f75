package churn

// TermNames are the names of the terms of the risk, in the order in which weights
// and rows have them. Whoever keeps either for another version of the program keeps
// the names beside it.
func TermNames() []string {
	names := make([]string, features)
	for i := range names {
		names[i] = shippedTerms[i].Name
	}

	return names
}
