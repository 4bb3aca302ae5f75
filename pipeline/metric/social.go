package metric

// social is what people do with posts, and what they say of you to others.
func social() *Metric {
	return counting(Metric{
		Name:       "social",
		Title:      "Social",
		Definition: "Views, likes, comments and shares of posts, mentions and referrals, by channel.",
		Source:     "social rate: (likes + shares + comments) / views",
		By:         []Dimension{Channel()},
		ByClass:    true,
		Figures: []Figure{
			perCase("social_rate", "Social rate", "likes, shares and comments per view", "share", "(likes + shares + comments) / views", "views"),
			{Name: "told", Title: "Word of mouth", Definition: "shares, mentions and referrals; v_word_of_mouth has them per 1,000 active customers", Unit: "events", SQL: "shares + mentions + referrals"},
		},
		AtMost: 300,
	},
		counts("views", "posts seen", "post.viewed"),
		counts("likes", "posts liked", "post.liked"),
		counts("comments", "posts commented", "post.commented"),
		counts("shares", "posts shared", "post.shared"),
		counts("mentions", "mentions of you", "mention.posted"),
		counts("referrals", "referrals made", "referral.made"),
		counts("conversations", "conversations joined", "conversation.joined"),
	)
}
