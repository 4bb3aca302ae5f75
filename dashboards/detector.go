package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// detector shows what risks and alerts were worth. Outcomes take a horizon to be known, so
// it looks back further than the others.
func detector() board {
	return board{
		uid: detectorUID, title: "ebb detector", last: "now-90d",
		asked: "Can we trust the risks and the alerts?",
		howTo: "On the diagonal of the reliability diagram, of those with a risk of 70 % seven in ten were lost. Observed over expected is then 1. " +
			"What came is known a horizon later; figures of too few cases are left out.",
		variables:   []cog.Builder[dashboard.VariableModel]{segmentVariable()},
		annotations: []annotation{refits(false), changes(), silences()},
		panels: []*panel{
			figure(of("model_quality", "observed_over_expected").titled("Observed / expected").and("Of all active customers, in the newest two horizons."), "detector/oe_now").decimals(2).
				steps(step{color: vermillion}, step{0.67, yellow}, step{0.83, green}, step{1.2, yellow}, step{1.5, vermillion}).empty("a horizon is not over yet"),
			figure(of("model_quality", "auc").and("Of all active customers, in the newest two horizons. 0.5 is guessing."), "detector/auc_now").plain().decimals(3).
				steps(step{color: vermillion}, step{0.6, yellow}, step{0.7, green}).empty("a horizon is not over yet"),
			figure(of("model_quality", "ece").and("Of all active customers, in the newest two horizons."), "detector/ece_now").plain().decimals(3).
				steps(step{color: green}, step{0.05, yellow}, step{0.1, vermillion}).empty("a horizon is not over yet"),
			figure(says("Alert precision", "percentunit", "Share of the time range's alerts that was right, once their horizon was over; of the hold-out alone where there is one. Not shown with fewer than 100 alerts."),
				"detector/precision_now").decimals(0).empty("too few alerts whose horizon is over"),
			figure(says("Lead time", "d", "Of right alerts: median time from the alert until the loss was certain, when the silence had lasted a horizon. Below 0 alerts came after that. Not shown with fewer than 10 right alerts."),
				"detector/lead_now").decimals(1).steps(step{color: vermillion}, step{0, yellow}, step{1, green}).empty("too few right alerts"),
			spark(says("Unrest", "short", "Changes of level by customer and month, of the newest week. Levels that flap are of no use to anybody."),
				"detector/unrest", relative("level_changes_per_customer_month"), lessIsGood).decimals(2).empty("fewer than 100 customer-months"),

			curve(says("Reliability", "percentunit", "Of active customers with about the same risk: what was said (across) and the share that did not come back within the horizon (up), with its 95 % interval. On the dashed line both are the same."),
				"detector/reliability", "mean_risk").upToOne().sized(halfWidth, 10).
				column("observed", color(blue), named("came")).
				column("low", color(sky), property{Id: "custom.lineWidth", Value: 0}, property{Id: "custom.showPoints", Value: "never"}).
				column("high", color(sky), property{Id: "custom.lineWidth", Value: 0}, property{Id: "custom.showPoints", Value: "never"},
					property{Id: "custom.fillBelowTo", Value: "low"}, property{Id: "custom.fillOpacity", Value: 25}).
				column("perfect", append(dashed(), color(grey), named("as said"))...),
			against(of("model_quality", "observed_over_expected").titled("Observed over expected").and("Of two horizons up to each point. Above the line more were lost than the risks said."),
				"detector/observed_over_expected", 1).sized(halfWidth, 10).labeled("observed_over_expected", "segment", segmentColors()).empty("a horizon is not over yet"),
			against(of("model_quality", "auc").titled("AUC over time").and("Of two horizons up to each point. On the line it is guessing."),
				"detector/auc", 0.5).plain().upToOne().labeled("auc", "segment", segmentColors()).empty("a horizon is not over yet"),
			lines(of("model_quality", "ece").titled("Calibration error over time").and("Of two horizons up to each point. 0 is the best."),
				"detector/ece").plain().decimals(3).fromZero().labeled("ece", "segment", segmentColors()).empty("a horizon is not over yet"),
			lines(of("model_quality", "brier").titled("Brier score").and("Of two horizons up to each point."),
				"detector/brier").fromZero().labeled("brier", "segment", segmentColors()).empty("a horizon is not over yet"),
			lines(says("Alert precision by month", "percentunit", "Share of a month's alerts that was right, in months with at least 100 whose horizon is over."),
				"detector/precision").upToOne().labeled("precision", "customers", armColors()).empty("fewer than 100 alerts a month"),
			binned(says("When alerts come", "short", "Alerts of the time range by how far the silence was on its way to a horizon, at which the loss is certain: right ones, and those whose customers came back. Early and right is best; later than the horizon is of no use."),
				"detector/lead_spread").column("right", color(green)).column("wrong", color(grey), named("came back")),
			lines(says("Lead time by month", "d", "Median time from a right alert until the loss was certain, when the silence had lasted a horizon. Below 0 alerts came after it."),
				"detector/lead").labeled("lead_days", "customers", armColors()).empty("fewer than 10 right alerts a month"),

			list(says("Risks by segment", "percentunit", "Risks of the newest two horizons and what came: observed over expected is 1 where risks are right; the intervals are of 95 %."),
				"detector/segments").sized(fullWidth, 7).decimals(1).empty("a horizon is not over yet").
				column("segment", cells(segmentColors())...).
				column("rows", unit("short"), places(0)).column("lost", unit("short"), places(0)).column("cases", unit("short"), places(0)).
				column("mean_risk", named("said")).column("observed", named("came")).column("low", named("at least")).column("high", named("at most")).
				column("observed_over_expected", unit("short"), places(2), named("observed / expected")).
				column("oe_low", unit("short"), places(2), named("at least")).column("oe_high", unit("short"), places(2), named("at most")).
				column("brier", unit("short"), places(3)).column("brier_skill", named("Brier skill")).column("ece", unit("short"), places(3)).column("auc", unit("short"), places(3)),
			list(says("Alerts", "percentunit", "Alerts whose horizon is over: what their risks promised, the share that was right, how long after the latest engagement they came, how long before the loss was certain, and how many were cleared within a day."),
				"detector/signals").sized(fullWidth, 5).decimals(0).empty("no alert's horizon is over yet").
				column("alerts", unit("short")).column("right", unit("short")).
				column("low", named("at least")).column("high", named("at most")).
				column("days_after_median", unit("d"), places(1), named("after the last visit")).
				column("lead_days_median", unit("d"), places(1), named("lead")).
				column("cleared_within_24h", named("cleared in a day")),
			lines(says("Unrest over time", "short", "Changes of level by customer and month, of weeks with at least 100 customer-months."),
				"detector/unrest").fromZero().sized(fullWidth, 6).empty("fewer than 100 customer-months a week").
				column("level_changes_per_customer_month", named("changes by customer and month")),
		},
	}
}
