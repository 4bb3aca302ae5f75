package metric

import (
	"fmt"
	"slices"
	"strings"
)

// Headline is a figure of the last 28 days that can be held against a target, what it
// was 28 days before, and what others have.
type Headline struct {
	Metric   string   `json:"metric"`
	Figure   string   `json:"figure"`
	Title    string   `json:"title"`
	Unit     string   `json:"unit"`
	Segments []string `json:"segments"` // the dimensions that it is told by; "" for all of them together
}

// headlineSegments are the dimensions of windows that figures are told by: few values,
// known by their names. Amounts of different currencies never add up.
const (
	bySegmentCurrency = "currency"
	bySegmentChannel  = "channel"
)

// Headlines are the figures, those of metrics by windows and by send day, and of censuses
// of all customers together, in the order of their pages: whatever has such a figure has
// a headline.
func Headlines(known []Description) []Headline {
	all := []Headline{
		{"total", "customers", "Active customers", "customers", []string{""}},
		{"total", "events", "Interactions", "events", []string{""}},
		{"kind", "active_share", "Active share", "share", []string{""}},
		{"engagement_index", "engagement_index", "Engagement index", "points", []string{""}},
		{"word_of_mouth", "word_of_mouth", "Word of mouth", "events", []string{""}},
		{"channel_consistency", "csat_range", "Range of CSAT over channels", "share", []string{""}},
		{"cac", "cac", "CAC", "currency", []string{bySegmentCurrency}},
	}
	for i := range known {
		for _, c := range known[i].Of(AsFigure) {
			if segments := segmentsOf(&known[i]); segments != nil {
				all = append(all, Headline{known[i].Name, c.Name, c.Title, c.Unit, segments})
			}
		}
	}

	return all
}

// segmentsOf are the segments of a metric's figures; nil of what is no table of windows,
// of send days or of all customers.
func segmentsOf(d *Description) []string {
	census := d.Table == string(Counted)+"_"+d.Name
	if len(d.Windows) == 0 && d.Table != string(Cohorts)+"_"+d.Name && !census {
		return nil
	}
	has := func(name string) bool {
		return slices.ContainsFunc(d.Of(ByDimension), func(c Column) bool { return c.Name == name })
	}
	switch {
	case has(bySegmentCurrency):
		return []string{bySegmentCurrency}
	case census && len(d.Of(ByDimension)) > 0:
		return nil // its rows don't add up to something that is told
	case has(bySegmentChannel):
		return []string{"", bySegmentChannel}
	}

	return []string{""}
}

// headlineQueries are a query each for the figures of all metrics: metric, segment,
// as_of, and figures with their names.
func headlineQueries() []string {
	const pair = "window = '28d' AND day >= (SELECT day FROM newest) - 28 AND window_end IN (SELECT at FROM moments)"
	queries := []string{
		"SELECT 'total', '', window_end, [('customers', toNullable(toFloat64(customers))), ('events', toFloat64(events))] FROM v_total WHERE " + pair,
		"SELECT 'kind', '', window_end, [('active_share', if(sum(events) >= 100, sumIf(events, kind = 'active') / sum(events), NULL))] FROM v_kind WHERE " +
			pair + " AND kind IN ('passive', 'micro', 'active') GROUP BY window_end",
		"SELECT 'engagement_index', '', window_end, [('engagement_index', engagement_index)] FROM v_engagement_index WHERE window_end IN (SELECT at FROM moments)",
		"SELECT 'word_of_mouth', '', window_end, [('word_of_mouth', word_of_mouth)] FROM v_word_of_mouth WHERE " + pair,
		"SELECT 'channel_consistency', '', window_end, [('csat_range', csat_range)] FROM v_channel_consistency WHERE " + pair,
		"SELECT 'cac', concat('currency=', currency), window_end, [('cac', cac)] FROM v_cac WHERE " + pair,
	}
	for _, m := range Tables() {
		switch {
		case len(m.Figures) == 0:
		case m.Family == Windowed:
			queries = append(queries, m.headlines("window_end", pair)...)
		case m.Family == Cohorts:
			queries = append(queries, m.headlines("moment", "day <= until AND day > until - 28")...)
		case m.Family == Counted:
			queries = append(queries, m.headlines("moment", "day = until")...)
		}
	}

	return queries
}

// headlines are the queries of one metric: one for each of its segments.
func (m *Metric) headlines(moment, where string) []string {
	d := m.Describe()
	var queries []string
	for _, segment := range segmentsOf(&d) {
		by, label := "", "''"
		if segment != "" {
			by, label = ", "+segment, fmt.Sprintf("concat('%s=', %s)", segment, segment)
		}
		from := d.View
		if m.Daily() { // send days of 28 days up to the moment, or the day counted at it
			from = "(SELECT *, arrayJoin((SELECT groupArray(at) FROM moments)) AS moment, toDate32(moment) - 1 AS until FROM " + d.View + ")"
		}
		var sums, figures []string
		for _, measure := range m.Measures {
			sum := "sum(s." + measure.Name + ")"
			if measure.Sum {
				sum = "sum(toFloat64(s." + measure.Name + "))"
			}
			sums = append(sums, sum+" AS "+measure.Name)
		}
		for _, f := range m.Figures {
			formula := "toFloat64(" + f.SQL + ")"
			if f.Cases != "" {
				formula = fmt.Sprintf("if(%s >= %d, %s, NULL)", f.Cases, max(f.Least, 1), formula)
			}
			figures = append(figures, fmt.Sprintf("('%s', toNullable(%s))", f.Name, formula))
		}
		queries = append(queries, fmt.Sprintf(
			"SELECT '%s', segment, as_of, [%s] FROM (SELECT %s AS segment, %s AS as_of, %s FROM %s AS s WHERE %s GROUP BY as_of%s)",
			m.Name, strings.Join(figures, ", "), label, moment, strings.Join(sums, ", "), from, where, by))
	}

	return queries
}
