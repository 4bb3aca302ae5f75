package setting

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

// RollupEntry is an entry of the setting rollups.
type RollupEntry struct{ metric.Rollup }

// UnmarshalText reads NAME=FIELD+FIELD;value;metric=NAME;at_most=N;types=TYPE|TYPE, of
// which all behind the fields may be left out.
func (e *RollupEntry) UnmarshalText(text []byte) (err error) {
	e.Rollup, err = metric.ParseRollup(string(text))

	return err
}

// RollupsOf are the rollups of entries.
func RollupsOf(entries []RollupEntry) []metric.Rollup {
	var rollups []metric.Rollup
	for i := range entries {
		rollups = append(rollups, entries[i].Rollup)
	}

	return rollups
}

// ValidateMetrics says what is wrong with the names of metrics to switch on.
func ValidateMetrics(words []string) error {
	if _, err := metric.Switched(words); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}

	return nil
}

// ValidateRollups says what is wrong with rollups, also with the types that they
// name. A nil vocabulary, which is wrong, is told of elsewhere.
func ValidateRollups(rollups []metric.Rollup, known *vocabulary.Vocabulary) error {
	var problems []error
	if err := metric.ValidateRollups(rollups); err != nil {
		problems = append(problems, fmt.Errorf("rollups: %w", err))
	}
	if known == nil {
		return errors.Join(problems...)
	}
	types := known.Types()
	for _, r := range rollups {
		for _, name := range r.Types {
			if !slices.ContainsFunc(types, func(t vocabulary.EventType) bool { return t.Name == name }) {
				problems = append(problems, fmt.Errorf(
					"rollups: %s counts events of type %q, which the vocabulary does not have; correct it, or add it to vocabulary", r.Name, name))
			}
		}
	}

	return errors.Join(problems...)
}

// rollupText writes an entry that a file has as a map the way a flag takes it:
// {name: plan, by: [properties.plan, type], value: true, at_most: 100, types: […]}.
// Instead of value there may be measures, a list of events and value.
func rollupText(fields map[string]any) (string, error) {
	var r metric.Rollup
	for key, value := range fields {
		var err error
		switch key {
		case "name":
			r.Name = fmt.Sprint(value)
		case "by":
			r.By, err = texts(value)
		case "types":
			r.Types, err = texts(value)
		case "value":
			r.Value = value == true
		case "metric":
			r.Metric = fmt.Sprint(value)
		case "at_most":
			n, ok := value.(int)
			if r.AtMost = n; !ok || n < 1 {
				err = fmt.Errorf("is %v; write a number from 1 to %d", value, metric.MaxRollupAtMost)
			}
		case "measures":
			var measures []string
			if measures, err = texts(value); err == nil {
				r.Value, err = valueOf(measures)
			}
		default:
			err = errors.New("is not known; use name, by, measures, value, metric, at_most and types")
		}
		if err != nil {
			return "", fmt.Errorf("has the entry %v, whose %s %w", fields, key, err)
		}
	}
	entry := r.Entry()
	if strings.Contains(entry, ",") {
		return "", fmt.Errorf("has the entry %v with a comma in a name; leave it out", fields)
	}

	return entry, nil
}

// valueOf says whether the measures have value.
func valueOf(measures []string) (bool, error) {
	for _, m := range measures {
		if m != "events" && m != "value" {
			return false, fmt.Errorf("has %q; use events and value", m)
		}
	}

	return slices.Contains(measures, "value"), nil
}

func texts(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("is %v; write a list", value)
	}
	var out []string
	for _, item := range list {
		out = append(out, fmt.Sprint(item))
	}

	return out, nil
}
