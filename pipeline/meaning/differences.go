package meaning

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ebb/pipeline/calendar"
	"ebb/pipeline/vocabulary"
)

// Setting is one of those that change what is published, by the name that it
// has in the configuration file.
type Setting struct {
	Name  string `json:"setting"`
	Item  string `json:"item,omitempty"` // of a list: the entry's name
	Value string `json:"value"`          // as the file takes it; "" where it has no say
}

// Difference is a setting that differs between two configurations.
type Difference struct {
	Name string `json:"setting"`
	Item string `json:"item,omitempty"` // of a list: the entry's name
	From string `json:"from"`           // "" where it was not there
	To   string `json:"to"`             // "" where it is not there
}

// String is the difference in words.
func (d Difference) String() string {
	name := d.Name
	if d.Item != "" {
		name += " " + d.Item
	}
	switch {
	case d.From == "" && d.Item != "":
		return fmt.Sprintf("%s added: %s", name, d.To)
	case d.To == "" && d.Item != "":
		return fmt.Sprintf("%s removed: %s", name, d.From)
	}
	text := func(value string) string {
		if value == "" {
			return "none"
		}

		return value
	}

	return fmt.Sprintf("%s: %s → %s", name, text(d.From), text(d.To))
}

// Differences are the settings in which two configurations differ, in their
// order.
func Differences(from, to *Config) []Difference {
	before, after := from.Settings(), to.Settings()
	key := func(s *Setting) [2]string { return [2]string{s.Name, s.Item} }
	had := make(map[[2]string]string, len(before))
	for i := range before {
		had[key(&before[i])] = before[i].Value
	}
	var found []Difference
	for i := range after {
		s := &after[i]
		if was := had[key(s)]; was != s.Value {
			found = append(found, Difference{s.Name, s.Item, was, s.Value})
		}
		delete(had, key(s))
	}
	for i := range before {
		if s := &before[i]; had[key(s)] != "" {
			found = append(found, Difference{s.Name, s.Item, s.Value, ""})
		}
	}

	return found
}

// Settings are the settings of the configuration that change what is published:
// what the configuration record says, and what is fixed for the life of a stream.
// Those that others make mean nothing have the value "".
func (c Config) Settings() []Setting {
	var all []Setting
	add := func(name, value string) { all = append(all, Setting{Name: name, Value: value}) }
	ms := func(n int64) string { return DurationText(time.Duration(n) * time.Millisecond) }
	where := func(ok bool, value string) string {
		if ok {
			return value
		}

		return ""
	}
	add("stream.partitions", strconv.Itoa(c.Partitions))
	add("lateness", DurationText(c.Lateness))
	add("skew", DurationText(c.Skew))
	add("cut.interval", DurationText(c.CutInterval))
	add("cut.records", strconv.Itoa(c.CutRecords))
	add("coordinate.interval", DurationText(c.CoordinateInterval))
	add("feed.silent_below", vocabulary.Number(c.Feed.SilentBelow))
	add("feed.hold_at_most", where(c.Feed.Enabled(), DurationText(c.Feed.HoldAtMost)))
	add("max_customers", strconv.Itoa(c.MaxCustomers))
	add("customers.keep", DurationText(c.Keep))
	add("customers.keep_anonymous", DurationText(c.KeepAnonymous))
	add("customers.margin", vocabulary.Number(cmp.Or(c.Margin, 1)))
	add("forget.from_events", strconv.FormatBool(!c.ForgetByCommand))
	add("identity.join", strconv.FormatBool(c.Join))
	add("calendar.zone", cmp.Or(c.Zone, calendar.UTC))
	add("duplicates.by", map[bool]string{false: "time", true: "id"}[c.Duplicates.ByID])
	add("duplicates.keep", where(c.Duplicates.ByID, DurationText(c.Duplicates.Keep)))
	add("duplicates.at_most", strconv.Itoa(c.Duplicates.AtMost))
	add("unknown_types", cmp.Or(c.Vocabulary.UnknownTypes, vocabulary.AcceptUnknown))
	for _, channel := range c.Vocabulary.ChannelNames() {
		all = append(all, Setting{"channels", channel, channel})
	}
	for i := range c.Vocabulary.Types {
		t := &c.Vocabulary.Types[i]
		all = append(all, Setting{"vocabulary", t.Type, strings.TrimPrefix(t.Entry(), t.Type+"=")})
	}
	for _, name := range c.Metrics {
		all = append(all, Setting{"metrics", name, "on"})
	}
	for i := range c.Rollups {
		r := &c.Rollups[i]
		all = append(all, Setting{"rollups", r.Name, strings.TrimPrefix(r.Entry(), r.Name+"=")})
	}
	m := &c.Churn
	add("churn.horizon", ms(m.Horizon))
	add("churn.cooling_at", threshold(m.CoolingAt))
	add("churn.at_risk_at", threshold(m.AtRiskAt))
	follows := m.CoolingAt == 0 || m.AtRiskAt == 0
	add("churn.in_time", where(follows, vocabulary.Number(m.InTime)))
	add("churn.least_risk", where(follows || m.Unusual != 0 || m.ContactCost != 0, vocabulary.Number(m.LeastRisk)))
	add("churn.unusual", vocabulary.Number(m.Unusual))
	add("churn.contact_cost", vocabulary.Number(m.ContactCost))
	add("churn.uplift", where(m.ContactCost != 0, vocabulary.Number(m.Uplift)))
	add("churn.cooling_margin", vocabulary.Number(m.CoolingMargin))
	add("churn.at_risk_margin", vocabulary.Number(m.AtRiskMargin))
	add("churn.dwell", ms(m.Dwell))
	add("churn.scanner_within", ms(m.ScannerWithin))
	add("churn.language", cmp.Or(m.Language, "en"))
	add("churn.holdout", vocabulary.Number(c.Holdout))
	add("churn.currency", c.Currency)
	add("churn.alert_budget", strconv.Itoa(c.AlertBudget))
	add("churn.alert_every", where(c.AlertBudget > 0, DurationText(c.AlertEvery)))

	return all
}

func threshold(value float64) string {
	if value == 0 {
		return "auto"
	}

	return vocabulary.Number(value)
}

// DurationText writes a duration as settings take it: days where it is whole
// days, and no zeros at its end.
func DurationText(span time.Duration) string {
	const day = 24 * time.Hour
	if span != 0 && span%day == 0 {
		return strconv.FormatInt(int64(span/day), 10) + "d"
	}
	text := span.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}

	return text
}
