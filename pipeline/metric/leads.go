package metric

// leads is who comes to know you.
func leads() *Metric {
	return counting(Metric{
		Name:       "leads",
		Title:      "Leads",
		Definition: "Advertisements seen and clicked, leads, accounts, newsletters and purchases, by channel and by the campaign that the event itself names.",
		By:         []Dimension{Channel(), Campaign()},
		Code:       (*Event).withoutCampaign,
		Figures: []Figure{
			perCase("ad_click_rate", "Ad click rate", "clicks of people per advertisement seen", "share", "ads_clicked / ads_viewed", "ads_viewed"),
			perCase("leads_per_click", "Leads per click", "leads per click on an advertisement", "share", "leads / ads_clicked", "ads_clicked"),
		},
		AtMost: 1000,
	},
		counts("ads_viewed", "advertisements seen", "ad.viewed"),
		counts("ads_clicked", "advertisements clicked", "ad.clicked"),
		counts("leads", "leads submitted", "lead.submitted"),
		counts("accounts", "accounts signed up", "account.signed_up"),
		counts("newsletters", "newsletters subscribed to", "newsletter.subscribed"),
		counts("purchases", "orders completed and subscriptions renewed", "order.completed", "subscription.renewed"),
	)
}
