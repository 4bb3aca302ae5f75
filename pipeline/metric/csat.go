package metric

// csat is how satisfied people are.
func csat() *Metric {
	satisfied := bins(4, 5, once)

	return survey("csat", "Satisfaction", "How satisfied people are, 1 to 5.", wilsonSource, 1, 5,
		ofAnswers("csat", "CSAT", "share of scores 4 and 5", "share", satisfied+" / answers"),
		ofAnswers("csat_low", "CSAT at least", "lower end of its 95 % interval", "share", wilson(satisfied, "-")),
		ofAnswers("csat_high", "CSAT at most", "upper end of its 95 % interval", "share", wilson(satisfied, "+")),
		ofAnswers("mean_score", "Mean score", "1, very dissatisfied, to 5, very satisfied", "points", meanOf(1, 5)),
		ofAnswers("mean_error", "Standard error", "of the mean score", "points", meanError(1, 5)),
	)
}
