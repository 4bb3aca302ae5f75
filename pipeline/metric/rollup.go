package metric

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ebb/pipeline/event"
	"ebb/pipeline/spelling"
)

// Limits of rollups that users declare.
const (
	MaxRollups       = 16
	MaxRollupBy      = 3
	MaxRollupAtMost  = 10_000
	MaxRollupsAtMost = 20_000 // of all together

	DefaultAtMost    = 1000
	DefaultCutAtMost = 100 // of cuts of metrics, of which a row takes the room of MaxSlots others
)

// propertyPrefix begins a field of the event's properties.
const propertyPrefix = "properties."

// Rollup is one that a user declares: events, and what they were worth, by up to
// three fields.
type Rollup struct {
	Name string   `yaml:"name" json:"name"`
	By   []string `yaml:"by" json:"by"` // see RollupFields, or properties.NAME with NAME parted by dots

	// Value says whether the values of the events add up as well, by currency.
	Value bool `yaml:"value" json:"value,omitempty"`

	// AtMost bounds how many combinations of fields and currency a partition tells
	// apart, in the order in which they come; what is beyond counts under Other. 0 is
	// DefaultAtMost.
	AtMost int `yaml:"at_most" json:"at_most,omitempty"`

	// Types are the event types that count; without any all do.
	Types []string `yaml:"types" json:"types,omitempty"`

	// Metric is the one that is cut: what it counts is counted, by the fields, among
	// which its own dimensions may be, and by currency where it is by that. "" counts
	// events.
	Metric string `yaml:"metric" json:"metric,omitempty"`
}

// RollupFields are the fields that rollups can be by, beside those of the event's
// properties: first those of the event, then those of its customer.
func RollupFields() []string {
	names := []string{"type", "kind", "channel", "session", "device", "campaign", "message", "product"}
	for _, f := range customerFields() {
		names = append(names, f.name)
	}

	return names
}

var (
	rollupName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	propertyPath = regexp.MustCompile(`^properties(\.[A-Za-z0-9_$-]{1,64}){1,8}$`)
)

// Validate names what is wrong, the value, and the remedy.
func (r *Rollup) Validate() error {
	switch {
	case !rollupName.MatchString(r.Name):
		return fmt.Errorf("rollup %q: its name must be 1 to 40 of a-z, 0-9 and _, and begin with a letter", r.Name)
	case len(r.By) < 1 || len(r.By) > MaxRollupBy:
		return fmt.Errorf("rollup %s is by %d fields; give 1 to %d", r.Name, len(r.By), MaxRollupBy)
	case r.AtMost < 0 || r.AtMost > MaxRollupAtMost:
		return fmt.Errorf("rollup %s: at_most is %d; it must be 1 to %d", r.Name, r.AtMost, MaxRollupAtMost)
	}
	if err := r.validateCut(); err != nil {
		return err
	}
	for i, field := range r.By {
		if _, own := r.own(field); own {
			if slices.Contains(r.By[:i], field) {
				return fmt.Errorf("rollup %s is by %s twice; leave one out", r.Name, field)
			}

			continue
		}
		if !slices.Contains(RollupFields(), field) && !propertyPath.MatchString(field) {
			return fmt.Errorf("rollup %s is by %q; use one of %s, or properties.NAME with names of letters, digits, _, $ and -, parted by dots",
				r.Name, field, strings.Join(RollupFields(), ", "))
		}
		if slices.Contains(r.By[:i], field) {
			return fmt.Errorf("rollup %s is by %s twice; leave one out", r.Name, field)
		}
	}
	for _, t := range r.Types {
		if t == "" || len(t) > event.MaxTypeBytes || strings.ContainsAny(t, "|;,") {
			return fmt.Errorf("rollup %s: %q is no event type", r.Name, t)
		}
	}

	return nil
}

// validateCut says what is wrong with a cut of a metric.
func (r *Rollup) validateCut() error {
	switch {
	case r.Metric == "":
		return nil
	case cutOf(r.Metric) == nil:
		remedy := "use one of " + strings.Join(Cuttable(), ", ")
		if near := spelling.Nearest(r.Metric, Cuttable(), max(2, len(r.Metric)/3)); near != "" {
			remedy = "did you mean " + near + "?"
		}

		return fmt.Errorf("rollup %s: metric is %q, which is none that windows count; %s", r.Name, r.Metric, remedy)
	case r.Value:
		return fmt.Errorf("rollup %s: value and metric=%s exclude each other; leave value out, the metric says what adds up", r.Name, r.Metric)
	case len(r.Types) > 0:
		return fmt.Errorf("rollup %s: types and metric=%s exclude each other; leave types out, the metric says what counts", r.Name, r.Metric)
	}

	return nil
}

// own is the dimension of the metric that is cut by which a field is meant.
func (r *Rollup) own(field string) (Dimension, bool) {
	if of := cutOf(r.Metric); of != nil {
		return of.dimension(field)
	}

	return Dimension{}, false
}

// ValidateRollups validates them all, and that each name stands once.
func ValidateRollups(rollups []Rollup) error {
	var problems []error
	if len(rollups) > MaxRollups {
		problems = append(problems, fmt.Errorf("%d rollups; use at most %d", len(rollups), MaxRollups))
	}
	names, rows := map[string]bool{}, 0
	for i := range rollups {
		problems = append(problems, rollups[i].Validate())
		if names[rollups[i].Name] {
			problems = append(problems, fmt.Errorf("rollup %s stands twice; give each a name of its own", rollups[i].Name))
		}
		names[rollups[i].Name] = true
		rows += rollups[i].room()
	}
	if rows > MaxRollupsAtMost {
		problems = append(problems, fmt.Errorf("the rollups have %d rows at most together, where one of a metric is as %d others; lower at_most, so that they are at most %d", rows, MaxSlots, MaxRollupsAtMost))
	}

	return errors.Join(problems...)
}

// Most is AtMost with its default.
func (r *Rollup) Most() int {
	switch {
	case r.AtMost != 0:
		return r.AtMost
	case r.Metric != "":
		return DefaultCutAtMost
	}

	return DefaultAtMost
}

// room is how many rows of a single slot it is as large as.
func (r *Rollup) room() int {
	if r.Metric != "" {
		return r.Most() * MaxSlots
	}

	return r.Most()
}

// Entry is the rollup as the setting takes it.
func (r *Rollup) Entry() string {
	entry := r.Name + "=" + strings.Join(r.By, "+")
	if r.Value {
		entry += ";value"
	}
	if r.Metric != "" {
		entry += ";metric=" + r.Metric
	}
	if r.AtMost != 0 {
		entry += ";at_most=" + strconv.Itoa(r.AtMost)
	}
	if len(r.Types) > 0 {
		entry += ";types=" + strings.Join(r.Types, "|")
	}

	return entry
}

// ParseRollup reads what Entry writes.
func ParseRollup(entry string) (Rollup, error) {
	parts := strings.Split(entry, ";")
	name, by, found := strings.Cut(parts[0], "=")
	r := Rollup{Name: strings.TrimSpace(name)}
	if !found || r.Name == "" || strings.TrimSpace(by) == "" {
		return r, fmt.Errorf("%q is no rollup; write NAME=FIELD+FIELD, such as plan=properties.plan+type", entry)
	}
	for field := range strings.SplitSeq(by, "+") {
		r.By = append(r.By, strings.TrimSpace(field))
	}
	for _, part := range parts[1:] {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "value":
			r.Value = true
		case "metric":
			if r.Metric = value; value == "" {
				return r, fmt.Errorf("rollup %s: metric names none; use one of %s", r.Name, strings.Join(Cuttable(), ", "))
			}
		case "at_most":
			most, err := strconv.Atoi(value)
			if err != nil || most < 1 {
				return r, fmt.Errorf("rollup %s: at_most is %q; write a number from 1 to %d", r.Name, value, MaxRollupAtMost)
			}
			r.AtMost = most
		case "types":
			for t := range strings.SplitSeq(value, "|") {
				r.Types = append(r.Types, strings.TrimSpace(t))
			}
		default:
			return r, fmt.Errorf("rollup %s: %q is none of value, metric=NAME, at_most=N and types=TYPE|TYPE", r.Name, part)
		}
	}

	err := r.Validate()

	return r, err
}

// Custom is the table of the rollups that users declare: all of them share it. Its
// rows are of no single Counts; see Counter.
func Custom() *Metric {
	return &Metric{
		Name:       "custom",
		Title:      "Rollups of your own",
		Definition: "Events, and what they were worth, by fields of your choice (setting rollups) of the event and of its customer, as they were before it: of people and of the company.",
		FedBy:      "the events that the setting rollups says",
		By: append(rollupKeys(), Dimension{
			Name: "currency", Definition: "ISO 4217, of the values; empty for events without one, and where the rollup has no value",
		}),
		Measures: []Measure{
			{Name: "events", Definition: "accepted events", Unit: "events"},
			{Name: "value", Definition: "sum of their values", Unit: "currency", Sum: true},
		},
		AtMost: MaxRollupsAtMost,
	}
}

// rollupKeys are the dimensions that a rollup of a user has first: its name, and the
// values of its fields.
func rollupKeys() []Dimension {
	keys := []Dimension{{Name: "rollup", Definition: "its name in the setting rollups"}}
	for n := range MaxRollupBy {
		keys = append(keys, Dimension{
			Name: "key" + strconv.Itoa(n+1), Definition: fmt.Sprintf("value of field %d that the rollup is by; empty where there is none", n+1),
		})
	}

	return keys
}
