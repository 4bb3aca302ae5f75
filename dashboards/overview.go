package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// overview shows engagement, risk and the pipeline on one page.
func overview() cog.Builder[dashboard.Dashboard] {
	return newDashboard("ebb-overview", "ebb overview",
		"Engagement in sliding windows, customers at risk, and how far the pipeline has come.").
		WithVariable(windowVariable()).
		WithPanel(figure("Active customers", "Distinct customers with engagement in the newest complete window of the time range.",
			"overview/active_now")).
		WithPanel(figure("At risk", "Customers at risk at the end of the time range.",
			"overview/at_risk_now")).
		WithPanel(figure("New at risk", "Customers who became at risk in the time range.",
			"overview/at_risk_new")).
		WithPanel(figure("Lag", "How far the clock of the slowest partition is behind now. In a frozen import: the age of the history.",
			"overview/lag_now").Unit("s")).
		WithPanel(chart("Active customers", "Distinct customers with engagement in the window that ends at each point.",
			"overview/active_customers")).
		WithPanel(stacked("Interactions by kind", "Events in the window that ends at each point.",
			"overview/interactions_by_kind")).
		WithPanel(stacked("Interactions by channel", "Events in the window that ends at each point.",
			"overview/interactions_by_channel")).
		WithPanel(withLevelColors(stacked("Customers by level", "The population by risk level.",
			"overview/levels"))).
		WithPanel(chart("At-risk inflow", "Customers who became at risk, who lapsed, and who came back.",
			"overview/at_risk_inflow").DrawStyle(common.GraphDrawStyleBars)).
		WithPanel(stacked("Records", "What became of the records: counted, seen before, refused, or too late.",
			"overview/records").DrawStyle(common.GraphDrawStyleBars)).
		WithPanel(list("At-risk customers", "Who is at risk now, those with the most to lose first, and why. The silence is as of now, "+
			"beside the usual pause; value and risk are as of when the level was raised, and have grown since.",
			"overview/at_risk").
			OverrideByName("risk_at_signal", unit("percentunit")).
			OverrideByName("silent_days", unit("d")).
			OverrideByName("usual_days", unit("d"))).
		WithPanel(list("Feed", "What is silent now of the input, as a whole (all) or by channel: in how many partitions, since when, "+
			"and how many events came of those expected. Signals of silence are held meanwhile. Empty: nothing is.",
			"overview/feed").
			Height(feedHeight)).
		WithPanel(list("Partitions", "Clock, watermark and lag of every partition.",
			"overview/partitions").
			OverrideByName("lag_seconds", unit("s")))
}

// withLevelColors gives the risk levels the same colors on every dashboard.
func withLevelColors(panel *timeseries.PanelBuilder) *timeseries.PanelBuilder {
	return panel.
		SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(true)}).
		OverrideByName("healthy", color("green")).
		OverrideByName("cooling", color("yellow")).
		OverrideByName("at_risk", color("orange")).
		OverrideByName("lapsed", color("red"))
}

// newDashboard has what all dashboards have in common.
func newDashboard(uid, title, description string) *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder(title).
		Uid(uid).
		Description(description).
		Tags([]string{"ebb"}).
		Timezone("browser").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Refresh("10s").
		Time("now-6h", "now").
		Readonly()
}

// windowVariable is $window: which of the six window lengths the panels show.
func windowVariable() cog.Builder[dashboard.VariableModel] {
	lengths := []string{"1m", "5m", "1h", "24h", "7d", "28d"}
	const preset = "1h"

	options := make([]dashboard.VariableOption, len(lengths))
	all := ""
	for i, length := range lengths {
		options[i] = windowOption(length, length == preset)
		if i > 0 {
			all += ","
		}
		all += length
	}

	return dashboard.NewCustomVariableBuilder("window").
		Label("Window").
		Description("Length of the sliding window.").
		Values(dashboard.StringOrMap{String: cog.ToPtr(all)}).
		Options(options).
		Current(windowOption(preset, true)).
		Multi(false).
		AllowCustomValue(false).
		IncludeAll(false)
}

func windowOption(length string, selected bool) dashboard.VariableOption {
	text := dashboard.StringOrArrayOfString{String: &length}

	return dashboard.VariableOption{Text: text, Value: text, Selected: &selected}
}
