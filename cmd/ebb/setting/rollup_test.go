package setting

import (
	"strings"
	"testing"

	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

// Entries as maps are read as those in one line are.
func TestRollupsAsMaps(t *testing.T) {
	value := []any{
		map[string]any{"name": "plan", "by": []any{"properties.plan", "type"}, "measures": []any{"events", "value"}, "at_most": 100, "types": []any{"order.completed", "order.returned"}},
		"device=device;at_most=7",
		map[string]any{"name": "place", "by": []any{"channel"}, "value": true},
	}
	const want = "plan=properties.plan+type;value;at_most=100;types=order.completed|order.returned,device=device;at_most=7,place=channel;value"
	if got, err := settingText("rollups", value); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, test := range []struct {
		key   string
		item  any
		wants string
	}{
		{"rollups", map[string]any{"name": "a", "by": "type"}, "whose by is type; write a list"},
		{"rollups", map[string]any{"name": "a", "by": []any{"type"}, "at_most": "many"}, "whose at_most is many; write a number from 1 to 10000"},
		{"rollups", map[string]any{"name": "a", "by": []any{"type"}, "measures": []any{"customers"}}, `whose measures has "customers"; use events and value`},
		{"rollups", map[string]any{"name": "a", "bye": []any{"type"}}, "whose bye is not known; use name, by"},
		{"rollups", map[string]any{"name": "a,b", "by": []any{"type"}}, "with a comma in a name"},
		{"channels", map[string]any{"name": "a"}, "write each item as a text"},
	} {
		if _, err := settingText(test.key, []any{test.item}); err == nil || !strings.Contains(err.Error(), test.wants) {
			t.Errorf("%v: error is %v, want one with %q", test.item, err, test.wants)
		}
	}
}

func TestRollupsNameTypesThatThereAre(t *testing.T) {
	rollups := []metric.Rollup{{Name: "a", By: []string{"type"}, Types: []string{"order.completed", "nope"}}}
	err := ValidateRollups(rollups, vocabulary.DefaultVocabulary())
	if err == nil || !strings.Contains(err.Error(), `a counts events of type "nope", which the vocabulary does not have`) || strings.Contains(err.Error(), "order.completed") {
		t.Errorf("error is %v", err)
	}
	if err := ValidateRollups(rollups, nil); err != nil {
		t.Errorf("without a vocabulary: %v", err)
	}
}
