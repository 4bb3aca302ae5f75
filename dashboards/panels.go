package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Sizes of panels on Grafana's grid of 24 columns.
const (
	statHeight  = 4
	statWidth   = 6
	chartHeight = 8
	halfWidth   = 12
	fullWidth   = 24
	tableHeight = 10
	feedHeight  = 5
)

// chart is a time series of the query's rows, half as wide as the dashboard.
func chart(title, description, queryName string) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(source()).
		WithTarget(queryBuilder{queryName, asTimeSeries}).
		Height(chartHeight).
		Span(halfWidth).
		Unit("short").
		Min(0).
		LineWidth(1).
		FillOpacity(10).
		ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().
			ShowLegend(true).
			DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
}

// stacked is a chart whose series add up to a whole.
func stacked(title, description, queryName string) *timeseries.PanelBuilder {
	return chart(title, description, queryName).
		FillOpacity(40).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal))
}

// figure is the one number that the query returns.
func figure(title, description, queryName string) *stat.PanelBuilder {
	return stat.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(source()).
		WithTarget(queryBuilder{queryName, asTable}).
		Height(statHeight).
		Span(statWidth).
		Unit("short").
		NoValue("–").
		Orientation(common.VizOrientationAuto).
		GraphMode(common.BigValueGraphModeNone).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
}

// list is a table of the query's rows, as wide as the dashboard.
func list(title, description, queryName string) *table.PanelBuilder {
	return table.NewPanelBuilder().
		Title(title).
		Description(description).
		Datasource(source()).
		WithTarget(queryBuilder{queryName, asTable}).
		Height(tableHeight).
		Span(fullWidth).
		ShowHeader(true).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{})).
		Filterable(true)
}

// unit is an override of a column's unit, by Grafana's name for it.
func unit(name string) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "unit", Value: name}}
}

// color is an override of a series' color.
func color(name string) []dashboard.DynamicConfigValue {
	return []dashboard.DynamicConfigValue{{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": name}}}
}
