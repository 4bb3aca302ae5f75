package metric

// messages is what became of messages when it became of them. By the day on which they
// were sent it is in campaigns.
func messages() *Metric {
	return counting(Metric{
		Name:  "messages",
		Title: "Messages",
		Definition: "What the company sends and what people do with it, by channel and campaign, at the time when it happens; every opening counts. " +
			"What scanners and bots open and click is counted apart. Each message once, by its send day, is in campaigns.",
		By:   []Dimension{Channel(), Campaign()},
		Code: (*Event).withoutCampaign,
		Figures: []Figure{
			perCase("bounces_per_sent", "Bounced", "bounces per message sent", "share", "bounced / sent", "sent"),
			perCase("opens_per_delivered", "Opens", "openings by people per message delivered; one may be opened several times", "share", "opened / delivered", "delivered"),
			perCase("clicks_per_delivered", "Clicks", "clicks of people per message delivered", "share", "clicked / delivered", "delivered"),
			perCase("clicks_per_open", "Clicks per opening", "clicks of people per opening", "share", "clicked / opened", "opened"),
			perCase("opt_outs_per_thousand", "Opt-outs", "unsubscribed and opted out per 1,000 messages sent", "events", "1000 * (unsubscribed + opted_out) / sent", "sent"),
			perCase("spam_per_thousand", "Spam reports", "reports of spam per 1,000 messages sent", "events", "1000 * spam_reported / sent", "sent"),
		},
		AtMost: 1000,
	},
		counts("sent", "messages sent", "message.sent"),
		counts("delivered", "messages delivered", "message.delivered"),
		counts("bounced", "messages that came back", "message.bounced"),
		counts("opened", "openings by people", "email.opened", "message.read"),
		counts("clicked", "clicks of people", "email.clicked", "message.clicked"),
		counts("replied", "replies of people", "email.replied", "message.replied"),
		counts("unsubscribed", "people who unsubscribed", "unsubscribed"),
		counts("opted_out", "people who opted out", "opted_out"),
		counts("spam_reported", "people who reported spam", "spam_reported"),
		byMachines("machine_opened", "openings by scanners and bots", "email.opened", "message.read"),
		byMachines("machine_clicked", "clicks of scanners and bots", "email.clicked", "message.clicked"),
		byMachines("machine_other", "what else scanners and bots are said to have done", "email.replied", "message.replied", "unsubscribed", "opted_out", "spam_reported"),
	)
}
