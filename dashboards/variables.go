package dashboards

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// every is Grafana's value for all options of a variable.
const every = "$__all"

// sourceVariable is $ds, the data source of all panels: the one that is provisioned, or
// any other of the plugin.
func sourceVariable() cog.Builder[dashboard.VariableModel] {
	return dashboard.NewDatasourceVariableBuilder("ds").
		Label("Data source").
		Description("A ClickHouse that ebb writes to.").
		Type(sourceType).
		Current(dashboard.VariableOption{Selected: cog.ToPtr(true), Text: one("ebb"), Value: one(sourceUID)}).
		Multi(false).
		IncludeAll(false)
}

// windowVariable is $window: which of the window lengths the panels show.
func windowVariable() cog.Builder[dashboard.VariableModel] {
	return choice("window", "Window", "Length of the sliding window.", "24h", false, "1m", "5m", "1h", "24h", "7d", "28d")
}

// zoneVariable is $zone, where the days of bars begin.
func zoneVariable() cog.Builder[dashboard.VariableModel] {
	return choice("zone", "Days of", "Time zone in which the days of bars begin, by its IANA name.", "UTC", true,
		"UTC", "Europe/London", "Europe/Berlin", "Europe/Istanbul", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo",
		"Australia/Sydney", "America/Sao_Paulo", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
}

// levelVariable is $level: at risk, lapsed, or both.
func levelVariable() cog.Builder[dashboard.VariableModel] {
	return several("level", "Level", "Risk levels of the customers that are listed.", "at_risk,lapsed", "at_risk", "at_risk", "lapsed")
}

// segmentVariable is $segment of the detector.
func segmentVariable() cog.Builder[dashboard.VariableModel] {
	return several("segment", "Segment", "Customers that the model is judged by: active are one_time, newcomer and regular together.",
		"active,regular,newcomer,one_time,long_silent", every, "active", "regular", "newcomer", "one_time", "long_silent")
}

// kindVariable is $kind.
func kindVariable() cog.Builder[dashboard.VariableModel] {
	return several("kind", "Kind", "Kinds of engagement.", "passive,micro,active", every, "passive", "micro", "active")
}

// channelVariable is $channel.
func channelVariable() cog.Builder[dashboard.VariableModel] {
	return asked("channel", "Channel", "Channels, as far as there were events.", "variables/channel", true)
}

// campaignVariable is $campaign.
func campaignVariable() cog.Builder[dashboard.VariableModel] {
	return asked("campaign", "Campaign", "Campaigns that sent something in the time range.", "variables/campaign", true)
}

// customerVariable is $customer: one of those at risk, or whatever id is typed in.
func customerVariable() cog.Builder[dashboard.VariableModel] {
	return asked("customer", "Customer", "Id of the customer: choose one of those with the most value at risk, or type another.", "variables/customer", false)
}

// choice is a variable of which one of the options holds.
func choice(name, label, description, preset string, custom bool, options ...string) cog.Builder[dashboard.VariableModel] {
	list := make([]dashboard.VariableOption, len(options))
	for i, text := range options {
		list[i] = dashboard.VariableOption{Text: one(text), Value: one(text), Selected: cog.ToPtr(text == preset)}
	}

	return dashboard.NewCustomVariableBuilder(name).
		Label(label).
		Description(description).
		Values(dashboard.StringOrMap{String: cog.ToPtr(strings.Join(options, ","))}).
		Options(list).
		Current(dashboard.VariableOption{Text: one(preset), Value: one(preset), Selected: cog.ToPtr(true)}).
		Multi(false).
		AllowCustomValue(custom).
		IncludeAll(false)
}

// several is a variable of which any of the options hold. preset is one, or every.
func several(name, label, description, values, preset string, options ...string) cog.Builder[dashboard.VariableModel] {
	list := []dashboard.VariableOption{{Text: one("All"), Value: one(every), Selected: cog.ToPtr(preset == every)}}
	for _, text := range options {
		list = append(list, dashboard.VariableOption{Text: one(text), Value: one(text), Selected: cog.ToPtr(text == preset)})
	}
	shown := preset
	if preset == every {
		shown = "All"
	}

	return dashboard.NewCustomVariableBuilder(name).
		Label(label).
		Description(description).
		Values(dashboard.StringOrMap{String: &values}).
		Options(list).
		Current(dashboard.VariableOption{Text: many(shown), Value: many(preset), Selected: cog.ToPtr(true)}).
		Multi(true).
		AllowCustomValue(false).
		IncludeAll(true)
}

// asked is a variable whose options a query gives: all of them, or the first.
func asked(name, label, description, queryName string, all bool) cog.Builder[dashboard.VariableModel] {
	builder := dashboard.NewQueryVariableBuilder(name).
		Label(label).
		Description(description).
		Datasource(source()).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortDisabled).
		Multi(all).
		IncludeAll(all).
		AllowCustomValue(!all)
	sql, err := readQuery(queryName)
	if err != nil {
		return builder.RecordError(queryName, err)
	}
	builder = builder.Query(dashboard.StringOrMap{String: &sql})
	if all {
		builder = builder.Current(dashboard.VariableOption{Text: many("All"), Value: many(every), Selected: cog.ToPtr(true)})
	}

	return builder
}

func one(text string) dashboard.StringOrArrayOfString {
	return dashboard.StringOrArrayOfString{String: &text}
}

func many(texts ...string) dashboard.StringOrArrayOfString {
	return dashboard.StringOrArrayOfString{ArrayOfString: texts}
}

// source is the reference to the data source that is chosen at the top.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr(sourceType), Uid: cog.ToPtr("${ds}")}
}
