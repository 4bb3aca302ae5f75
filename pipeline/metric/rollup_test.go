package metric_test

import (
	"reflect"
	"strings"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/calendar"
	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

func TestRollupsAsSettings(t *testing.T) {
	for _, entry := range []string{
		"plan=properties.plan", "plan=properties.plan+type;value;at_most=100;types=order.completed|order.returned", "a=properties.a.b-c.$d+device+kind",
		"risk=level+channel;metric=nps;at_most=7", "moves=from_stage+recency;metric=journey",
	} {
		r, err := metric.ParseRollup(entry)
		if err != nil || r.Entry() != entry {
			t.Errorf("%s is read as %+v, %v", entry, r, err)
		}
	}
	for entry, want := range map[string]string{
		"plan":                          `"plan" is no rollup; write NAME=FIELD+FIELD`,
		"=type":                         "is no rollup",
		"plan=":                         "is no rollup",
		"Plan=type":                     `rollup "Plan": its name must be`,
		"plan=type+type":                "is by type twice",
		"plan=type+kind+device+product": "is by 4 fields; give 1 to 3",
		"plan=customer":                 `is by "customer"; use one of type, kind`,
		"plan=properties":               `is by "properties"`,
		"plan=properties.a'b":           `is by "properties.a'b"`,
		"plan=type;at_most=0":           `at_most is "0"`,
		"plan=type;at_most=10001":       "at_most is 10001; it must be 1 to 10000",
		"a=type;metric=npz":             `metric is "npz", which is none that windows count; did you mean nps?`,
		"a=type;metric=segments":        `metric is "segments", which is none that windows count; use one of ces, conversions`,
		"a=type;metric=nps;value":       "value and metric=nps exclude each other",
		"a=type;metric=nps;types=x":     "types and metric=nps exclude each other",
		"a=from_stage;metric=nps":       `is by "from_stage"`,
		"plan=type;sum":                 `"sum" is none of value, metric`,
		"plan=type;types=":              `"" is no event type`,
	} {
		if _, err := metric.ParseRollup(entry); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want one with %q", entry, err, want)
		}
	}
	many := make([]metric.Rollup, 17)
	for i := range many {
		many[i] = metric.Rollup{Name: "same", By: []string{"type"}, AtMost: 2000}
	}
	err := metric.ValidateRollups(many)
	for _, want := range []string{"17 rollups; use at most 16", "same stands twice", "34000 rows at most together"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}

func TestKeysOfRollups(t *testing.T) {
	v := vocabulary.DefaultVocabulary()
	class, err := v.Classify(&event.Event{Type: []byte("order.completed")})
	if err != nil {
		t.Fatal(err)
	}
	c := metric.NewCounter(metric.Rollup{Name: "r", By: []string{"properties.a.b", "type", "device"}, Value: true})
	for properties, want := range map[string]string{
		``:                            "",
		`{}`:                          "",
		`{"b":"x"}`:                   "",
		`{"a":"x"}`:                   "",
		`{"a":{"c":1}}`:               "",
		`{"a":{"b":null}}`:            "",
		`{"a":{"b":"x y"}}`:           "x y",
		`{"a":{"b":"\u00e9"}}`:        "é",
		`{"c":{"b":1},"a":{"b":""}}`:  "",
		`{"a":{"c":[{"b":7}],"b":7}}`: "7",
		`{"a":{"b":-7.0e1}}`:          "-70",
		`{"a":{"b":7.5}}`:             "other",
		`{"a":{"b":1e15}}`:            "other",
		`{"a":{"b":true}}`:            "true",
		`{"a":{"b":[1]}}`:             "other",
		`{"a":{"b":{}}}`:              "other",
		`{"a":{"b":"` + strings.Repeat("x", 257) + `"}}`: "other",
	} {
		e := metric.Event{Class: class, Vocabulary: v, Event: &event.Event{
			Properties: []byte(properties), Device: []byte("d1"), Currency: []byte("EUR"), Fields: event.HasValue,
		}}
		if got := metric.Parts(c.AppendKey(nil, &e)); !reflect.DeepEqual(got, []string{"r", want, "order.completed", "d1", "EUR"}) {
			t.Errorf("%s: %q, want %q", properties, got, want)
		}
		if got := metric.Parts(c.AppendOther(nil, &e)); !reflect.DeepEqual(got, []string{"r", "other", "other", "other", "EUR"}) {
			t.Errorf("other is %q", got)
		}
	}
}

// Each field of an event and of its customer can be a key; whose types are not asked for,
// and what a machine did, does not count.
func TestFieldsOfRollups(t *testing.T) {
	v := vocabulary.DefaultVocabulary()
	class, err := v.Classify(&event.Event{Type: []byte("order.completed"), Channel: []byte("web")})
	if err != nil {
		t.Fatal(err)
	}
	e := metric.Event{Class: class, Vocabulary: v, Level: 2, Event: &event.Event{
		Session: []byte("s1"), Device: []byte("d1"), Campaign: []byte("c1"), Message: []byte("m1"), Product: []byte("p1"),
	}}
	want := map[string]string{
		"type": "order.completed", "kind": "active", "channel": "web", "session": "s1", "device": "d1", "campaign": "c1", "message": "m1", "product": "p1",
		"level": "at_risk", "recency": "never", "frequency": "0", "monetary": "0", "lifecycle": "new", "stage": "none",
	}
	for _, field := range metric.RollupFields() {
		c := metric.NewCounter(metric.Rollup{Name: "r", By: []string{field}, Types: []string{"order.completed"}})
		if got := metric.Parts(c.AppendKey(nil, &e)); !reflect.DeepEqual(got, []string{"r", want[field], "", "", ""}) || want[field] == "" {
			t.Errorf("by %s: %q, want %q", field, got, want[field])
		}
		if !c.Takes(&e) {
			t.Errorf("by %s: an order does not count", field)
		}
	}
	others := metric.NewCounter(metric.Rollup{Name: "r", By: []string{"type"}, Types: []string{"page.viewed"}})
	machine := e
	machine.Class.Machine = true
	if all := metric.NewCounter(metric.Rollup{Name: "r", By: []string{"type"}}); others.Takes(&e) || all.Takes(&machine) || !all.Takes(&e) {
		t.Error("another type counts, or a machine does, or a person does not")
	}
	if r := (metric.Rollup{}); r.Most() != metric.DefaultAtMost {
		t.Errorf("at most %d rows by default", r.Most())
	}
}

// Fields of customers tell what they were before the event, and keep the columns that
// they need.
func TestFieldsOfCustomers(t *testing.T) {
	v, day := vocabulary.DefaultVocabulary(), calendar.Day(20_000)
	columns := metric.Kept(nil, []metric.Rollup{{By: []string{"recency", "level"}}, {By: []string{"monetary", "stage", "type"}}})
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	if want := []string{"stage", "days_engaged", "spent"}; !reflect.DeepEqual(names, want) {
		t.Errorf("kept are %q, want %q", names, want)
	}
	who := make(metric.Who, metric.Width(metric.Columns()))
	at := func(day calendar.Day) metric.Event {
		ev := &event.Event{Type: []byte("order.completed"), Value: amount.Of(60_000_000), Fields: event.HasValue, Currency: []byte("EUR")}
		class, err := v.Classify(ev)
		if err != nil {
			t.Fatal(err)
		}

		return metric.Event{Event: ev, Class: class, Vocabulary: v, Who: who, Day: day}
	}
	c := metric.NewCounter(metric.Rollup{Name: "r", By: []string{"recency", "frequency", "monetary"}})
	d := metric.NewCounter(metric.Rollup{Name: "r", By: []string{"lifecycle", "stage"}})
	for _, step := range []struct {
		day  calendar.Day
		want string
	}{
		{day, "never 0 0 new none"},
		{day, "0-6 1 1-99 new purchase"},
		{day - 1, "never 0 100-999 new purchase"}, // of the day before, of which nothing was known
		{day + 7, "7-27 2-3 100-999 new purchase"},
		{day + 35, "28-83 2-3 100-999 dormant purchase"},
		{day + 35, "0-6 4-9 100-999 returning purchase"},
		{day + 56, "7-27 4-9 100-999 returning purchase"},
		{day + 200, "84+ 0 100-999 dormant purchase"},
		{day + 200, "0-6 1 100-999 resurrected purchase"},
	} {
		e := at(step.day)
		got := strings.Join(append(metric.Parts(c.AppendKey(nil, &e))[1:4], metric.Parts(d.AppendKey(nil, &e))[1:3]...), " ")
		if got != step.want {
			t.Errorf("on day %+d: %s, want %s", step.day-day, got, step.want)
		}
		for _, column := range metric.Columns() {
			if column.Takes == nil || column.Takes(&e.Class, "order.completed") {
				column.Observe(&e, column.In(who))
			}
		}
	}
}

func TestMetricsByTheirTables(t *testing.T) {
	all := metric.Tables()
	for i, m := range all {
		if found, at := metric.ByTable(all, m.Table()); found != m || at != i {
			t.Errorf("table %s is found at %d, want %d", m.Table(), at, i)
		}
	}
	if found, at := metric.ByTable(all, "levels"); found != nil || at != -1 {
		t.Errorf("levels is metric %v at %d", found, at)
	}
	if _, err := metric.Custom().Proof(); err == nil || !strings.Contains(err.Error(), "metric custom has no proof") {
		t.Errorf("the proof of rollups, which is put together from settings, is read: %v", err)
	}
}
