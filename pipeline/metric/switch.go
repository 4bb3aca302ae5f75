package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ebb/pipeline/spelling"
)

// Words that the setting metrics takes beside names.
const (
	EveryMetric = "all"
	BaseMetrics = "base"
	NoMetrics   = "none"
)

// MaxSwitched is how many names of metrics a configuration has at most.
const MaxSwitched = 256

// Base are the metrics that cost next to nothing.
func Base() []string { return []string{"interactions", "sentiment"} }

// Switchable are the names of the metrics that can be on or off, in order.
func Switchable() []string {
	var names []string
	for _, m := range All() {
		names = append(names, m.Name)
	}
	for _, c := range AllCohorts() {
		names = append(names, c.Name)
	}
	for _, c := range Censuses() {
		names = append(names, c.Name)
	}
	slices.Sort(names)

	return names
}

// Switched are the names of the metrics that the words of the setting switch on: all,
// base, none and names, in any mixture. It refuses names that there are none of.
func Switched(words []string) ([]string, error) {
	known := Switchable()
	var on []string
	for _, word := range words {
		switch word = strings.TrimSpace(word); {
		case word == EveryMetric:
			on = append(on, known...)
		case word == BaseMetrics:
			on = append(on, Base()...)
		case word == NoMetrics:
		case slices.Contains(known, word):
			on = append(on, word)
		default:
			return nil, unknownWord(word, known)
		}
	}
	slices.Sort(on)

	return slices.Compact(on), nil
}

func unknownWord(word string, known []string) error {
	if near := spelling.Nearest(word, append([]string{EveryMetric, BaseMetrics, NoMetrics}, known...), max(2, len(word)/3)); near != "" {
		return fmt.Errorf("there is no metric %q to switch on; did you mean %s?", word, near)
	}

	return fmt.Errorf("there is no metric %q to switch on; use %s, %s, %s, or some of %s", word, EveryMetric, BaseMetrics, NoMetrics, strings.Join(known, ", "))
}

var switchedName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// ValidateSwitched says what is wrong with the names of a configuration. Those that
// this version does not know are none of its business: a later one may have made them.
func ValidateSwitched(names []string) error {
	if len(names) > MaxSwitched {
		return fmt.Errorf("%d metrics are on; at most %d can be", len(names), MaxSwitched)
	}
	for i, name := range names {
		if !switchedName.MatchString(name) {
			return fmt.Errorf("metrics has %q, which is no name of a metric", name)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("metrics has %s twice; leave one out", name)
		}
	}

	return nil
}
