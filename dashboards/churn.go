package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// churn is for who keeps customers: how many leave, why, and whom to look after first.
func churn() board {
	return board{
		uid: churnUID, title: "ebb churn board",
		asked: "Who is about to leave, why, and whom do we look after first?",
		howTo: "The table at the bottom has those with the most to lose first. Click a customer to see what happened to them. " +
			"Leave those of the hold-out alone: they show what acting is worth.",
		variables:   []cog.Builder[dashboard.VariableModel]{levelVariable(), zoneVariable()},
		annotations: []annotation{surges(), silences(), sends(true), refits(false), changes()},
		panels: []*panel{
			spark(of("levels", "at_risk").titled("At risk now"), "overview/at_risk_now", relative("at_risk"), lessIsGood).colored(orange),
			spark(of("signals", "value_at_risk").titled("Value at risk").and("Of all who are at risk, as their signals told it, by the currencies of most customers."),
				"overview/value_at_risk", relative("value_at_risk").apart("currency"), lessIsGood).colored(orange).decimals(0).empty("nobody at risk has a value").sized(8, statHeight),
			figure(says("Became at risk", "short", "Customers who became at risk in the time range."), "churn/became_at_risk").colored(orange),
			figure(says("Came back", "short", "Customers who were at risk or lapsed, and came back in the time range."), "churn/came_back").colored(green),
			figure(says("Budget alerts", "short", "Alerts of the time range that the setting churn.alert_budget let through: as many as can be acted on, those with the most value at risk first. 0 where there is no budget."),
				"churn/budget_alerts_count"),

			bars(says("In and out by day", "short", "Customers by day of the time zone at the top: who became at risk and who lapsed above the line, who came back below it."),
				"churn/in_and_out").
				column("became_at_risk", color(orange), named("became at risk")).
				column("lapsed", color(vermillion)).
				column("came_back", color(green), named("came back")),
			shares(says("Population by level", "percentunit", "Customers by risk level, as shares; the tooltip has the numbers."), "overview/levels").
				series(levelColors()[:4]),
			binned(says("Scores", "percentunit", "Customers by their risk of no engagement within the horizon: those who were drawn in the newest two horizons, as the model saw them then."),
				"churn/scores").colored(blue).column("customers", named("share of the customers")).empty("the first outcomes are known after a horizon"),
			ranked(says("Why customers became at risk", "short", "The strongest reason of each who became at risk in the time range."), "churn/reasons").
				colored(orange).empty("nobody became at risk in this range"),

			list(says("Customers by value at risk", "short",
				"Who is at risk or lapsed now, those with the most to lose first. The silence is as of now, beside the usual pause; "+
					"risk and value are as of when the level was raised, and have grown since."), "churn/customers").
				sized(fullWidth, 14).empty("nobody is at risk").
				column("customer", toCustomer(), width(120)).
				column("level", append(cells(levelColors()), width(75))...).
				column("value_at_risk", named("at risk"), places(0), width(75)).
				column("currency", named("in"), width(50)).
				column("risk_at_signal", named("risk"), unit("percentunit"), places(0), width(60)).
				column("silent_days", named("silent"), unit("d"), places(1), width(95)).
				column("usual_days", named("usual pause"), unit("d"), places(1), width(100), missing("not yet")).
				column("since", unit("dateTimeFromNow"), width(110)).
				column("top_reason", named("why"), width(310)).
				column("if_back", named("what would win them back"), width(300)).
				column("note", width(150)),

			list(says("What acting did", "percentunit",
				"Who came back within a horizon of being raised: those who were acted on beside the hold-out (setting churn.holdout). effect is the difference, with its 95 % interval."),
				"churn/holdout").sized(10, chartHeight).decimals(1).empty("no horizon is over yet").
				column("name", named("level"), width(80)).
				column("acted_on", named("acted on")).
				column("held_out", named("hold-out"), missing("no hold-out")).
				column("effect", missing("–")).
				column("give_or_take", named("±"), missing("–")).
				column("customers_acted_on", named("of"), unit("short"), places(0)).
				column("customers_held_out", named("of hold-out"), unit("short"), places(0)),
			list(says("Alerts within the budget", "short", "Whom the alert budget went to in the time range, and what has become of them.").titled("Alerts, newest first"),
				"churn/budget_alerts").sized(14, chartHeight).empty("no alert in this range: set churn.alert_budget to get those worth a contact").
				column("at", unit("dateTimeFromNow"), width(110)).
				column("customer", toCustomer(), width(110)).
				column("value_at_risk", named("at risk"), places(0), width(75)).
				column("currency", named("in"), width(50)).
				column("risk", unit("percentunit"), places(0), width(60)).
				column("level", append(cells(levelColors()), width(80))...),
		},
	}
}
