package metric_test

import (
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/metric"
)

func TestWordsThatSwitchMetrics(t *testing.T) {
	all := metric.Switchable()
	for _, test := range []struct {
		words []string
		want  []string
	}{
		{[]string{"all"}, all},
		{[]string{"base"}, metric.Base()},
		{[]string{"none"}, nil},
		{nil, nil},
		{[]string{"sentiment", " interactions", "sentiment"}, []string{"interactions", "sentiment"}},
		{[]string{"base", "all"}, all},
		{[]string{"none", "sentiment"}, []string{"sentiment"}},
	} {
		got, err := metric.Switched(test.words)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, %v, want %q", test.words, got, err, test.want)
		}
		if err := metric.ValidateSwitched(got); err != nil {
			t.Errorf("%q: %v", test.words, err)
		}
	}
	for word, want := range map[string]string{
		"sentimnt": "did you mean sentiment?", "bas": "did you mean base?", "nothing_like_it": "use all, base, none, or some of ", "": "use all", "Sentiment": "did you mean sentiment?",
	} {
		if _, err := metric.Switched([]string{"base", word}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", word, err, want)
		}
	}
}

func TestNamesOfMetricsInAConfiguration(t *testing.T) {
	if err := metric.ValidateSwitched([]string{"of_a_later_version", "sentiment"}); err != nil {
		t.Error(err)
	}
	for _, names := range [][]string{{"sentiment", "sentiment"}, {"Sentiment"}, {"a b"}, {""}, {"x' OR 1"}, slices.Repeat([]string{"a"}, 300)} {
		if err := metric.ValidateSwitched(names); err == nil {
			t.Errorf("%.80q were taken", names)
		}
	}
}

// The set that is on by default without the rest is there.
func TestBaseMetricsAreThere(t *testing.T) {
	for _, name := range metric.Base() {
		if !slices.Contains(metric.Switchable(), name) {
			t.Errorf("there is no metric %s", name)
		}
	}
}
