package metric

// subscriptions is how contracts go on.
func subscriptions() *Metric {
	return counting(Metric{
		Name:       "subscriptions",
		Title:      "Subscriptions",
		Definition: "Renewals, failed payments, cancellations and uninstalls, by channel.",
		By:         []Dimension{Channel()},
		ByClass:    true,
		Figures: []Figure{
			perCase("failed_per_renewal", "Failed payments", "failed payments per renewal", "share", "payments_failed / renewed", "renewed"),
			perCase("canceled_per_renewal", "Cancellations", "cancellations per renewal", "share", "canceled / renewed", "renewed"),
		},
		AtMost: 300,
	},
		counts("renewed", "subscriptions renewed", "subscription.renewed"),
		counts("payments_failed", "payments failed", "payment.failed"),
		counts("canceled", "subscriptions canceled", "subscription.canceled"),
		counts("uninstalled", "apps uninstalled", "app.uninstalled"),
	)
}
