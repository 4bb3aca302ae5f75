package dashboards

// alerts are the rules that ebb ships. Each is relative to what is usual for the
// business where there is something usual, and says nothing of few cases. To change a
// bound, copy the rule in Grafana: files are read again when Grafana starts.
func alerts() []alert {
	return append(customerAlerts(), pipelineAlerts()...)
}

// customerAlerts are for who looks after customers.
func customerAlerts() []alert {
	return []alert{
		{
			uid: "at_risk_inflow", title: "More customers than usual become at risk", severity: "warning",
			beyond: above, bound: 2, forTime: "30m", every: eachTenMinutes,
			summary: `{{ printf "%.1f" $values.A.Value }} times as many customers as usual became at risk within a day.`,
			runbook: "Look at what they have in common: why they became at risk, on the same dashboard. A release, an outage of a channel or a campaign is the usual cause; if a channel went silent, mend that first.",
			at:      place{churnUID, "In and out by day"},
		},
		{
			uid: "value_at_risk", title: "More value than usual is at risk", severity: "warning",
			beyond: above, bound: 2, forTime: "30m", every: eachTenMinutes,
			summary: `The value that became at risk within a day is {{ printf "%.1f" $values.A.Value }} times the usual, in {{ $labels.currency }}.`,
			runbook: "The table has those with the most to lose first: call them today. churn.alert_budget publishes as many a day as you can act on.",
			at:      place{churnUID, "Customers by value at risk"},
		},
		{
			uid: "lapsed_inflow", title: "More customers than usual lapse", severity: "warning",
			beyond: above, bound: 1.5, forTime: "1h", every: eachTenMinutes,
			summary: `{{ printf "%.1f" $values.A.Value }} times as many customers as usual lapsed within a week.`,
			runbook: "They fell silent a horizon ago: look at what happened then. Who lapsed is likely lost; what is still at risk is not.",
			at:      place{churnUID, "In and out by day"},
		},
		{
			uid: "opt_outs", title: "Many opt out", severity: "warning",
			beyond: above, bound: 5, forTime: "30m", every: eachTenMinutes,
			summary: `{{ printf "%.1f" $values.A.Value }} of a thousand messages of the last day were answered by opting out.`,
			runbook: "Stop the campaign that is running, see whom it went to and how often, and write less to those who were written to most.",
			at:      place{campaignsUID, "Opt-outs"},
		},
		{
			uid: "complaints", title: "Many complain", severity: "warning",
			beyond: above, bound: 2, forTime: "30m", every: eachTenMinutes,
			summary: `{{ printf "%.1f" $values.A.Value }} times as many cases, returns and spam reports as usual came within a day.`,
			runbook: "Look at the newest cases: a delivery, a release or a price is the usual cause. Answer before the next campaign goes out.",
			at:      place{experienceUID, "Complaints by day"},
		},
		{
			uid: "sentiment_fall", title: "Sentiment falls", severity: "warning",
			beyond: above, bound: 0.2, forTime: "1h", every: eachTenMinutes,
			summary: `The mean sentiment of the last 7 days is {{ printf "%.2f" $values.A.Value }} below that of 28 days.`,
			runbook: "View v_sentiment says in which channel. Read some of what was written there.",
			at:      place{experienceUID, "By channel"},
		},
		{
			uid: "nps_fall", title: "NPS falls", severity: "warning",
			beyond: above, bound: 10, forTime: "1h", every: eachTenMinutes,
			summary: `The NPS of the last 7 days is {{ printf "%.0f" $values.A.Value }} points below that of 28 days, more than chance.`,
			runbook: "See in which channel, and whether fewer promoters or more detractors. Read what detractors wrote, and call some of them back.",
			at:      place{experienceUID, "NPS"},
		},
		{
			uid: "active_fall", title: "Fewer customers than usual are active", severity: "warning",
			beyond: below, bound: 0.7, forTime: "1h", every: eachTenMinutes,
			summary: `Active customers within a day are {{ humanizePercentage $values.A.Value }} of the usual.`,
			runbook: "First see whether events are missing (feed, lag, records). If all of them come, look at which channel and kind fell.",
			at:      place{overviewUID, "Active customers over time"},
		},
		{
			uid: "payments_failed", title: "Many payments fail", severity: "critical",
			beyond: above, bound: 2, forTime: "10m", every: eachTenMinutes,
			summary: `{{ printf "%.1f" $values.A.Value }} times as many payments as usual failed within a day.`,
			runbook: "See whether the payment provider has an outage. Customers whose payment failed leave without wanting to: write to them once it works.",
			at:      place{overviewUID, "Interactions by kind"},
		},
		{
			uid: "bounces", title: "Many messages bounce", severity: "warning",
			beyond: above, bound: 0.05, forTime: "30m", every: eachTenMinutes,
			summary: `{{ humanizePercentage $values.A.Value }} of the last day's messages bounced.`,
			runbook: "Stop sending to the list that bounces; your sender's reputation pays for it. A sudden rise at one provider is a block of that provider.",
			at:      place{campaignsUID, "Campaigns"},
		},
	}
}

// pipelineAlerts are for who runs ebb.
func pipelineAlerts() []alert {
	return []alert{
		{
			uid: "channel_silent", title: "A channel went silent", severity: "critical",
			beyond: above, bound: 0, forTime: "15m", every: eachMinute,
			summary: `Far fewer events than usual at this hour come of {{ $labels.channel }}, in {{ $values.A.Value }} partitions.`,
			runbook: "Look at the producers of that channel, and at the way from them to NATS. Signals that this silence would raise are held meanwhile.",
			at:      place{pipelineUID, "Feed"},
		},
		{
			uid: "no_events", title: "No events are counted", severity: "critical",
			beyond: above, bound: 0, forTime: "10m", every: eachMinute,
			summary: "No event was counted in the last hour, and 20 an hour or more are usual.",
			runbook: "Ask `ebb ready` and `ebb status`: either nothing is sent, or ebb does not process, or ClickHouse is behind.",
			at:      place{pipelineUID, "Records"},
		},
		{
			uid: "lag", title: "ebb is behind", severity: "warning",
			beyond: above, bound: 600, forTime: "10m", every: eachMinute,
			summary: `The clock of the slowest partition is {{ humanizeDuration $values.A.Value }} behind.`,
			runbook: "`ebb status` says which partition, and whether events wait in NATS or rows on their way to ClickHouse.",
			at:      place{pipelineUID, "Lag"},
		},
		{
			uid: "partitions_apart", title: "A partition holds the others back", severity: "warning",
			beyond: above, bound: 600, forTime: "10m", every: eachMinute,
			summary: `One partition is {{ humanizeDuration $values.A.Value }} behind another, and no figure goes beyond it.`,
			runbook: "`ebb status` says which, and who runs it. If nobody does, start an instance; if it is frozen, an import is there: `ebb replay --live` lets live events follow one that is through, `ebb replay FILE --resume` goes on with another, and `--abort` gives it up.",
			at:      place{pipelineUID, "Partitions"},
		},
		{
			uid: "late_share", title: "Many events come too late", severity: "warning",
			beyond: above, bound: 0.02, forTime: "15m", every: eachMinute,
			summary: `{{ humanizePercentage $values.A.Value }} of the last hour's events came too late to count.`,
			runbook: "View v_late says of which types and by how much. Raise lateness to what producers buffer (`ebb config apply`), or see why they hold events back.",
			at:      place{pipelineUID, "Records"},
		},
		{
			uid: "dead_letters", title: "Many events are refused", severity: "warning",
			beyond: above, bound: 0.01, forTime: "15m", every: eachMinute,
			summary: `{{ humanizePercentage $values.A.Value }} of the last hour's events were refused.`,
			runbook: "`ebb deadletters list` shows them with reason and remedy; they can be sent again once it is mended.",
			at:      place{pipelineUID, "Records"},
		},
		{
			uid: "calibration", title: "Risks are off", severity: "warning",
			beyond: above, bound: 1.5, forTime: "1h", every: eachTenMinutes,
			summary: `Customers lost and customers expected to be lost differ by a factor of {{ printf "%.1f" $values.A.Value }}.`,
			runbook: "The dashboard says in which segment. The model learns from what came, so this ends by itself where customers changed for good; until then take risks with that factor. Where it does not, see whether events are missing.",
			at:      place{detectorUID, "Observed over expected"},
		},
	}
}
