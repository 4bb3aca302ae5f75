package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// overview shows on one page how customers are, and whether the page can be trusted.
func overview() board {
	return board{
		uid: overviewUID, title: "ebb overview",
		asked: "Are customers staying with us, and is anything off?",
		howTo: "The first row is engagement and experience, the second who is about to leave and what is at stake. " +
			"Small figures compare with the beginning of the time range; the table compares the newest 28 days with the 28 before, with targets and with others.",
		variables:   []cog.Builder[dashboard.VariableModel]{windowVariable(), zoneVariable()},
		annotations: []annotation{surges(), silences(), sends(false), refits(false), changes()},
		panels: []*panel{
			spark(of("total", "customers").titled("Active customers"), "overview/active_customers", relative("customers"), moreIsGood),
			spark(of("engagement_index", "engagement_index"), "overview/engagement_index", relative("engagement_index"), moreIsGood).decimals(0),
			spark(of("nps", "nps").and("Of 28 days."), "experience/nps", points("nps", 1, 1), moreIsGood).ofAllChannels().decimals(0).empty("too few answers"),
			spark(of("csat", "csat").and("Of 28 days."), "experience/csat", points("csat", 100, 1), moreIsGood).ofAllChannels().decimals(0).empty("too few answers"),
			spark(of("ces", "ces").and("Of 28 days."), "experience/ces", points("ces", 1, 2), moreIsGood).ofAllChannels().decimals(1).empty("too few answers"),
			figure(says("Freshness", "s", "How far the clock of the slowest partition is behind now; in a frozen import, the age of the history. All figures are as of then."),
				"overview/freshness").steps(step{color: green}, step{300, yellow}, step{900, vermillion}),

			spark(of("levels", "at_risk").titled("At risk"), "overview/at_risk_now", relative("at_risk"), lessIsGood).colored(orange).sized(8, statHeight),
			spark(of("signals", "value_at_risk").titled("Value at risk").and("Of all who are at risk, as their signals told it, by the currencies of most customers."),
				"overview/value_at_risk", relative("value_at_risk").apart("currency"), lessIsGood).colored(orange).decimals(0).empty("nobody at risk has a value").sized(16, statHeight),

			lines(of("total", "customers").titled("Active customers over time"), "overview/active_customers").fromZero().colored(blue).
				column("customers", named("active customers")),
			bars(says("In and out", "short", "Customers by day: who became at risk and who lapsed above the line, who came back below it."),
				"churn/in_and_out").
				column("became_at_risk", color(orange), named("became at risk")).
				column("lapsed", color(vermillion)).
				column("came_back", color(green), named("came back")),
			areas(of("kind", "events").titled("Interactions by kind").and("In the window that ends at each point."),
				"overview/interactions_by_kind").series(kindColors()[:3]),
			areas(of("channel", "events").titled("Interactions by channel").and("In the window that ends at each point."),
				"channels/interactions").ofAllChannels().labeled("events", "channel", channelColors()),
			shares(says("Customers by level", "percentunit", "The population by risk level, as shares; the tooltip has the numbers."), "overview/levels").
				series(levelColors()[:4]),
			list(says("Against the 28 days before, targets and others", "short",
				"Figures of the newest 28 days: the difference from the 28 before, the target (setting benchmarks.targets) and what others have (setting benchmarks.file). Figures of too few cases are left out."),
				"overview/benchmarks").sized(halfWidth, chartHeight).
				column("name", named("figure"), width(190)).
				column("difference", named("against before"), missing("nothing before")).
				column("met", cells([]hue{{"yes", green}, {"no", vermillion}})...),
			firing().sized(halfWidth, chartHeight),
			list(of("feed", "silent_partitions").titled("Feed"), "overview/feed").sized(halfWidth, chartHeight).
				empty("Nothing is silent: events come as usual").
				column("silent_partitions", named("partitions")).
				column("silent_since", unit("dateTimeFromNow"), named("silent since")),
		},
	}
}
