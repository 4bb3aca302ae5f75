package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// campaigns shows what came of what was sent.
func campaigns() board {
	return board{
		uid: campaignsUID, title: "ebb campaigns",
		asked: "What came of what we sent, and do we send too much?",
		howTo: "Figures follow the day of the send, each message of a customer once, for 28 days: the newest are still open. " +
			"What scanners and bots do is apart; rates of fewer than 50 messages are left out.",
		variables:   []cog.Builder[dashboard.VariableModel]{campaignVariable(), channelVariable()},
		annotations: []annotation{sends(true), silences()},
		panels: []*panel{
			figure(of("campaigns", "messages").titled("Sent"), "campaigns/sent"),
			figure(of("campaigns", "open_rate"), "campaigns/open_rate").decimals(1).empty("too few messages"),
			figure(of("campaigns", "click_rate"), "campaigns/click_rate").decimals(1).empty("too few messages"),
			figure(of("campaigns", "click_to_open"), "campaigns/click_to_open").decimals(1).empty("too few messages"),
			figure(of("campaigns", "conversion_rate").titled("Ordered"), "campaigns/conversion_rate").decimals(1).empty("too few messages"),
			figure(of("campaigns", "unsubscribe_rate").titled("Unsubscribed"), "campaigns/unsubscribe_rate").decimals(2).
				steps(step{color: green}, step{0.003, yellow}, step{0.005, vermillion}).empty("too few messages"),

			ranked(says("From sent to ordered", "short", "Messages that the time range's days sent, by how far they came."), "campaigns/funnel").colored(blue),
			lines(says("Rates by send day", "percentunit", "Of delivered messages: opened, clicked, and named by an order or a lead."), "campaigns/by_day").fromZero().empty("no day with 50 messages in this range").
				column("open_rate", color(sky), named("opened")).
				column("click_rate", color(blue), named("clicked")).
				column("conversion_rate", color(green), named("ordered")),
			bars(says("Opened by people and by machines", "short", "Messages that a person opened, and those that a scanner or a bot did, by send day."), "campaigns/machines").empty("nothing was sent in this range").
				column("people", color(blue)).column("machine", color(slate), named("machines")),
			lines(of("messages", "opt_outs_per_thousand").titled("Opt-outs").and("Of 7 days."), "campaigns/opt_outs").fromZero().empty("too few messages").
				column("opt_outs_per_thousand", color(vermillion), named("opt-outs of 1,000 sent")),
			binned(of("fatigue", "opt_outs_per_thousand").titled("Opt-outs by contact pressure").and("By messages that the customer had got in the seven days before; of the newest 28 days."), "campaigns/fatigue").colored(vermillion).empty("too few messages").
				column("opt_outs_per_thousand", named("opt-outs of 1,000 sent")),
			list(of("acquisition", "cost").titled("Costs").and("Of the newest 28 days."), "campaigns/costs").sized(halfWidth, chartHeight).decimals(2).empty("no costs were recorded").
				column("leads", places(0)).column("purchases", places(0)).
				column("cost_per_lead", named("per lead"), missing("too few")).
				column("cost_per_purchase", named("per purchase"), missing("too few")),
			list(of("campaign_variants", "difference").titled("A/B tests"), "campaigns/tests").sized(fullWidth, chartHeight).percent().decimals(1).empty("no test with enough messages in this range").
				column("smaller_arm", unit("short"), places(0)).
				column("difference_low", named("at least")).column("difference_high", named("at most")).
				column("better", width(130)),
			list(of("campaigns", "messages").titled("Campaigns").and("By campaign and channel, the newest first."), "campaigns/list").percent().decimals(1).empty("nothing was sent in this range").
				column("first_sent", named("first sent"), unit("none")).column("sent", unit("short"), places(0)).
				column("open_rate", named("opened"), missing("–")).column("click_rate", named("CTR"), missing("–")).column("click_to_open", named("CTOR"), missing("–")).
				column("conversion_rate", named("ordered"), missing("–")).column("bounce_rate", named("bounced"), missing("–")).
				column("unsubscribe_rate", named("unsubscribed"), places(2), missing("–")).column("machine_share", named("machine opens"), missing("–")),
		},
	}
}
