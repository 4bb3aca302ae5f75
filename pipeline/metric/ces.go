package metric

// ces is how easy people find it to get something done.
func ces() *Metric {
	easy := bins(5, 7, once)

	return survey("ces", "Customer effort score", "How easy people find it to get done what they came for, 1 to 7.",
		"M. Dixon, K. Freeman, N. Toman, Stop trying to delight your customers, 2010, in the form of CES 2.0; "+wilsonSource, 1, 7,
		ofAnswers("ces", "CES", "mean score, 1, very hard, to 7, very easy", "points", meanOf(1, 7)),
		ofAnswers("ces_error", "Standard error", "of the CES", "points", meanError(1, 7)),
		ofAnswers("easy", "Easy", "share of scores 5 to 7", "share", easy+" / answers"),
		ofAnswers("easy_low", "Easy at least", "lower end of its 95 % interval", "share", wilson(easy, "-")),
		ofAnswers("easy_high", "Easy at most", "upper end of its 95 % interval", "share", wilson(easy, "+")),
	)
}
