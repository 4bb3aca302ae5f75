package metric

// nps is how many would recommend the company less how many would not.
func nps() *Metric {
	promoters, neutral, detractors := bins(9, 10, once), bins(7, 8, once), bins(0, 6, once)
	net := "(toInt64" + promoters + " - toInt64" + detractors + ")"

	return survey("nps", "Net promoter score", "How likely people are to recommend you, 0 to 10.",
		"F. Reichheld, The one number you need to grow, 2003; standard error of the mean of +1, 0 and -1", 0, 10,
		ofAnswers("nps", "NPS", "% of promoters less % of detractors, -100 to 100", "points", "100 * "+net+" / answers"),
		ofAnswers("nps_error", "Standard error", "of the NPS; about two of them to either side hold the NPS of all customers", "points",
			"100 * sqrt(greatest(("+promoters+" + "+detractors+") / answers - pow("+net+" / answers, 2), 0) / answers)"),
		ofAnswers("promoters", "Promoters", "share of scores 9 and 10", "share", promoters+" / answers"),
		ofAnswers("neutral", "Neutral", "share of scores 7 and 8", "share", neutral+" / answers"),
		ofAnswers("detractors", "Detractors", "share of scores 0 to 6", "share", detractors+" / answers"),
	)
}
