package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// experience shows what customers say of us.
func experience() board {
	return board{
		uid: experienceUID, title: "ebb experience",
		asked:       "What do customers say of us, and where does it hurt?",
		howTo:       "Figures are of 28 days, with the scores that they come from beside them; those of fewer than ten answers are left out.",
		variables:   []cog.Builder[dashboard.VariableModel]{channelVariable()},
		annotations: []annotation{sends(false), silences(), changes()},
		panels: []*panel{
			spark(of("nps", "nps"), "experience/nps", points("nps", 1, 1), moreIsGood).decimals(0).sized(6, statHeight).empty("too few answers").
				steps(step{color: vermillion}, step{0, yellow}, step{30, green}),
			spark(of("csat", "csat"), "experience/csat", points("csat", 100, 1), moreIsGood).decimals(0).sized(6, statHeight).empty("too few answers").
				steps(step{color: vermillion}, step{0.6, yellow}, step{0.75, green}),
			spark(of("ces", "ces"), "experience/ces", points("ces", 1, 2), moreIsGood).decimals(1).sized(6, statHeight).empty("too few answers").
				steps(step{color: vermillion}, step{4, yellow}, step{5, green}),
			spark(of("sentiment", "mean_sentiment"), "experience/sentiment", points("mean_sentiment", 1, 2), asItIs).decimals(2).sized(6, statHeight).empty("too few answers").
				steps(step{color: vermillion}, step{-0.1, yellow}, step{0.1, green}),

			binned(says("NPS scores", "short", "Answers by score: 0 to 6 are detractors, 7 and 8 neutral, 9 and 10 promoters. Of the newest 28 days."), "experience/nps_bins").
				sized(8, chartHeight).colored(blue).empty("no answers"),
			binned(says("CSAT scores", "short", "Answers by score, 1 very dissatisfied to 5 very satisfied. Of the newest 28 days."), "experience/csat_bins").
				sized(8, chartHeight).colored(blue).empty("no answers"),
			binned(says("CES scores", "short", "Answers by score, 1 very hard to 7 very easy. Of the newest 28 days."), "experience/ces_bins").
				sized(8, chartHeight).colored(blue).empty("no answers"),
			shares(says("Promoters and detractors", "percentunit", "Answers of 28 days: promoters, neutral and detractors, as shares; the tooltip has the numbers."), "experience/nps_groups").empty("no answers").
				column("promoters", color(green)).column("neutral", color(grey)).column("detractors", color(vermillion)),
			lines(of("pyramid", "events").titled("CX pyramid").and("Each level on a scale from the worst answer to the best. Of 28 days."), "experience/pyramid").percent().upToOne().
				empty("fewer than ten answers").
				column("meets_needs", color(blue), named("meets needs")).
				column("easy", color(orange)).
				column("enjoyable", color(green)),
			bars(says("Complaints by day", "short", "Cases opened, returns and reports of spam, by day of UTC."), "experience/complaints").
				column("cases", color(orange), named("cases opened")).
				column("returns", color(blue)).
				column("spam", color(vermillion), named("spam reported")),
			lines(of("recontact", "recontact_rate").titled("Cases about the same issue again").and("Of 28 days."), "experience/recontact").fromZero().empty("fewer than ten cases").
				column("recontact_rate", color(orange), named("again")).
				column("channel_switch_rate", color(vermillion), named("again, on another channel")),
			list(of("pyramid", "events").titled("By channel").and("Of the newest 28 days."), "experience/channels").sized(fullWidth, chartHeight).empty("no answers and no cases").
				column("meets_needs", named("meets needs"), unit("percentunit"), places(0), missing("too few")).
				column("easy", named("easy (1 to 7)"), places(1), missing("too few")).
				column("enjoyable", named("enjoyable (1 to 5)"), places(1), missing("too few")).
				column("cases_opened", named("cases opened")).column("cases_resolved", named("resolved")),
			list(of("cut_figures", "value").titled("By segment").and("Of the newest 28 days."), "experience/segments").sized(fullWidth, chartHeight).decimals(2).
				empty("No rollup cuts a metric. With the setting rollups: nps_by_level=level;metric=nps this is the NPS by level of risk").
				column("of", named("metric")).column("cases", places(0)),
		},
	}
}
