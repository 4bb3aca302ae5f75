package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// quality shows what risks and alerts were worth. Outcomes take a horizon to be
// known, so it looks back further than the overview.
func quality() cog.Builder[dashboard.Dashboard] {
	return newDashboard("ebb-quality", "ebb model quality",
		"What risks said and what came of them, and what alerts were worth. Figures of too few cases are left out.").
		Time("now-90d", "now").
		Refresh("1m").
		WithPanel(list("Risks by segment", "Risks of the newest two horizons and what came: observed over expected is 1 where risks are right; the interval is of 95 %.",
			"quality/segments").
			OverrideByName("mean_risk", unit("percentunit")).
			OverrideByName("observed", unit("percentunit")).
			OverrideByName("low", unit("percentunit")).
			OverrideByName("high", unit("percentunit"))).
		WithPanel(list("Reliability", "Of customers with about the same risk: the mean risk, and the share that did not come back within the horizon, with its 95 % interval.",
			"quality/reliability").
			OverrideByName("mean_risk", unit("percentunit")).
			OverrideByName("observed", unit("percentunit")).
			OverrideByName("low", unit("percentunit")).
			OverrideByName("high", unit("percentunit"))).
		WithPanel(trend("Observed over expected", "Lost customers over those that the risks said, of two horizons up to each point. Above 1, more were lost.",
			"quality/observed_over_expected")).
		WithPanel(trend("Brier score", "Mean squared error of the risks, of two horizons up to each point. 0 is the best.",
			"quality/brier")).
		WithPanel(trend("Expected calibration error", "Mean distance of the observed share from the risk over ten bins, of two horizons up to each point.",
			"quality/ece")).
		WithPanel(trend("AUC", "How often a lost customer had the higher risk than one who came back, of two horizons up to each point.",
			"quality/auc")).
		WithPanel(list("Alerts", "Alerts whose horizon is over: what their risks promised, the share that was right, how long after the latest engagement they came, how long before the loss was certain (a horizon of silence), and how many were cleared within a day.",
			"quality/signals").
			OverrideByName("promised", unit("percentunit")).
			OverrideByName("precision", unit("percentunit")).
			OverrideByName("low", unit("percentunit")).
			OverrideByName("high", unit("percentunit")).
			OverrideByName("cleared_within_24h", unit("percentunit")).
			OverrideByName("days_after_median", unit("d")).
			OverrideByName("lead_days_median", unit("d"))).
		WithPanel(trend("Alert precision", "Share of a month's alerts that was right, in months with at least 100 whose horizon is over.",
			"quality/precision").Unit("percentunit")).
		WithPanel(trend("Lead time", "Median time from a right alert until the loss was certain, when the silence had lasted a horizon, by month. Below 0 alerts came after it.",
			"quality/lead").Unit("d")).
		WithPanel(trend("Unrest", "Changes of level by customer and month, on days with at least 100 customer-months a month.",
			"quality/unrest"))
}

// trend is a chart whose points are far apart.
func trend(title, description, queryName string) *timeseries.PanelBuilder {
	return chart(title, description, queryName).
		ShowPoints(common.VisibilityModeAlways).
		SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(true)})
}
