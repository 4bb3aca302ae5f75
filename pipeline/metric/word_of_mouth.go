package metric

// wordOfMouth is how many customers speak of the company.
func wordOfMouth() *Derived {
	told := figure("word_of_mouth", "Word of mouth", "events", "shares, mentions and referrals per 1,000 active customers", "1000 * told / customers")
	told.Cases, told.Least = "customers", 10

	return &Derived{
		Name:       "word_of_mouth",
		Title:      "Word of mouth",
		Definition: "Shares, mentions and referrals per 1,000 active customers. A window without anything social has no row.",
		FedBy:      "post.shared, mention.posted and referral.made",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			measure("customers", "customers", "exact distinct customers who were active in the window"),
			measure("told", "events", "shares, mentions and referrals"),
			told,
		},
	}
}
