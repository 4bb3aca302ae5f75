package dashboards

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/barchart"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/text"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/trend"
)

// Sizes of panels on Grafana's grid of 24 columns. Two charts side by side are legible at
// 1280 pixels; three are not.
const (
	statHeight     = 4
	statWidth      = 4
	chartHeight    = 8
	halfWidth      = 12
	fullWidth      = 24
	questionHeight = 3
)

// direction says which change is good news.
type direction = common.PercentChangeColorMode

// The directions.
const (
	moreIsGood = common.PercentChangeColorModeStandard
	lessIsGood = common.PercentChangeColorModeInverted
	asItIs     = common.PercentChangeColorModeSameAsValue
)

// question stands at the top of a dashboard: what it answers, and how to read it.
func question(asked, howTo string) *panel {
	p := makePanel(text.NewPanelBuilder().Mode(text.TextModeMarkdown).Content("### "+asked+"\n"+howTo).Transparent(true),
		says("", "", asked), fullWidth, questionHeight)

	return p
}

// figure is the one number of the query, or one for each of its rows.
func figure(what shown, queryName string) *panel {
	return makePanel(statOf(queryBuilder{name: queryName, format: asTable}).GraphMode(common.BigValueGraphModeNone), what, statWidth, statHeight)
}

// spark is the newest number of a column of the query, with its course and how it compares
// with the beginning of the range.
func spark(what shown, queryName string, with beginning, good direction) *panel {
	name := "${__field.labels." + Compared + "}"
	if with.by != "" {
		name = "${__field.labels." + with.by + "} " + name
	}

	return makePanel(statOf(queryBuilder{name: queryName, format: asTimeSeries, with: &with}).
		GraphMode(common.BigValueGraphModeArea).
		TextMode(common.BigValueTextModeValueAndName).
		PercentChangeColorMode(good), what, statWidth, statHeight).
		columns("^"+with.column+" ", named(name))
}

// statOf shows the newest figure. Where that is of too few cases, the panel says so: the
// one before it would be taken for the newest.
func statOf(q queryBuilder) *stat.PanelBuilder {
	return stat.NewPanelBuilder().
		Datasource(source()).
		WithTarget(q).
		Orientation(common.VizOrientationAuto).
		ColorMode(common.BigValueColorModeValue).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"last"}))
}

// lines is a time series. Its points are joined where a figure is missing between them;
// counts have no gaps, their queries give zeros.
func lines(what shown, queryName string) *panel {
	return makePanel(seriesOf(queryName).SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(true)}), what, halfWidth, chartHeight).colored(blue)
}

// against is a time series beside a level that it is held against.
func against(what shown, queryName string, level float64) *panel {
	p := makePanel(seriesOf(queryName).
		SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(true)}).
		ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed)), what, halfWidth, chartHeight)
	p.steps(step{color: "transparent"}, step{level, grey})

	return p.colored(blue)
}

// areas are lines that add up to a whole.
func areas(what shown, queryName string) *panel {
	return makePanel(seriesOf(queryName).
		FillOpacity(55).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)), what, halfWidth, chartHeight).colored(blue).fromZero()
}

// shares are areas in percent of the whole.
func shares(what shown, queryName string) *panel {
	what.unit = "percentunit"

	return makePanel(seriesOf(queryName).
		FillOpacity(70).
		LineWidth(0).
		SpanNulls(common.BoolOrFloat64{Bool: cog.ToPtr(true)}).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModePercent)), what, halfWidth, chartHeight).colored(blue).upToOne()
}

// bars is a time series of what happened within each bar, stacked.
func bars(what shown, queryName string) *panel {
	return makePanel(seriesOf(queryName).
		DrawStyle(common.GraphDrawStyleBars).
		FillOpacity(85).
		LineWidth(0).
		BarAlignment(common.BarAlignmentAfter).
		Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal)), what, halfWidth, chartHeight).colored(blue)
}

func seriesOf(queryName string) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().
		Datasource(source()).
		WithTarget(queryBuilder{name: queryName, format: asTimeSeries}).
		LineWidth(2).
		FillOpacity(8).
		ShowPoints(common.VisibilityModeNever).
		AxisSoftMin(0).
		Legend(legend()).
		Tooltip(tooltip())
}

// ranked is a bar for each row of the query, named by its column name, the first on top.
func ranked(what shown, queryName string) *panel {
	return makePanel(barsOf(queryName).Orientation(common.VizOrientationHorizontal), what, halfWidth, chartHeight).colored(blue).fromZero()
}

// piled is ranked with bars that add up to a whole.
func piled(what shown, queryName string) *panel {
	return makePanel(barsOf(queryName).Orientation(common.VizOrientationHorizontal).Stacking(common.StackingModeNormal), what, halfWidth, chartHeight).
		colored(blue).fromZero()
}

// binned are bars side by side, named by the query's column name, in its order.
func binned(what shown, queryName string) *panel {
	return makePanel(barsOf(queryName).Orientation(common.VizOrientationVertical), what, halfWidth, chartHeight).colored(blue).fromZero()
}

func barsOf(queryName string) *barchart.PanelBuilder {
	return barchart.NewPanelBuilder().
		Datasource(source()).
		WithTarget(queryBuilder{name: queryName, format: asTable}).
		XField("name").
		ShowValue(common.VisibilityModeAuto).
		BarWidth(0.9).
		FillOpacity(85).
		LineWidth(0).
		Legend(legend()).
		Tooltip(tooltip())
}

// curve is the query's rows over a column that is no time.
func curve(what shown, queryName, over string) *panel {
	return makePanel(trend.NewPanelBuilder().
		Datasource(source()).
		WithTarget(queryBuilder{name: queryName, format: asTable}).
		XField(over).
		LineWidth(2).
		ShowPoints(common.VisibilityModeAuto).
		Legend(legend()).
		Tooltip(tooltip()), what, halfWidth, chartHeight).colored(blue)
}

// states is which state held when.
func states(what shown, queryName string) *panel {
	return makePanel(statetimeline.NewPanelBuilder().
		Datasource(source()).
		WithTarget(queryBuilder{name: queryName, format: asTimeSeries}).
		ShowValue(common.VisibilityModeAuto).
		MergeValues(true).
		FillOpacity(80).
		Legend(legend()).
		Tooltip(tooltip()), what, fullWidth, 5)
}

// list is a table of the query's rows, as wide as the dashboard.
func list(what shown, queryName string) *panel {
	return makePanel(table.NewPanelBuilder().
		Datasource(source()).
		WithTarget(queryBuilder{name: queryName, format: asTable}).
		ShowHeader(true).
		CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{})).
		Filterable(true), what, fullWidth, 10)
}

// firing lists the alerts of ebb that fire or are about to. The SDK has no builder of it.
func firing() *panel {
	p := makePanel(dashboard.NewPanelBuilder().Type("alertlist").Options(map[string]any{
		"alertInstanceLabelFilter": `{service="ebb"}`, "alertName": "", "dashboardAlerts": false, "groupBy": []string{}, "groupMode": "default",
		"maxItems": 20, "sortOrder": 3, "viewMode": "list",
		"stateFilter": map[string]bool{"error": true, "firing": true, "noData": false, "normal": false, "pending": true},
	}), says("Alerts", "short", "Rules of ebb that fire now, or will if it lasts. Each says in its description what to do."), 8, chartHeight)
	p.fields().NoValue = cog.ToPtr("nothing fires")

	return p
}

func legend() *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().
		ShowLegend(true).
		DisplayMode(common.LegendDisplayModeList).
		Placement(common.LegendPlacementBottom)
}

func tooltip() *common.VizTooltipOptionsBuilder {
	return common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)
}

// panelTitle is how links and tests name a panel.
func panelTitle(p *dashboard.Panel, place int) string {
	if p.Title == nil || *p.Title == "" {
		return "panel " + strconv.Itoa(place)
	}

	return *p.Title
}
