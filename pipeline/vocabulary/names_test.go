package vocabulary

import (
	"slices"
	"testing"

	"ebb/pipeline/event"
)

func TestNamesAreWhatClassifyKnows(t *testing.T) {
	v := DefaultVocabulary()
	names := v.Names()
	if len(names) != len(v.byName) {
		t.Fatalf("%d names, want %d", len(names), len(v.byName))
	}
	for _, name := range names {
		class, err := v.Classify(&event.Event{Type: []byte(name.Name)})
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Types()[class.Type].Name; got != name.Type {
			t.Errorf("%s counts as %s, Names says %s", name.Name, got, name.Type)
		}
		if got := v.Channels()[class.Channel]; got != name.Channel || class.Kind != name.Kind || class.Qualifying != name.Qualifying || class.Ends != name.Ends {
			t.Errorf("%s: %s %s, %+v; Names says %+v", name.Name, class.Kind, got, class, name)
		}
	}
	if !slices.ContainsFunc(names, func(n TypeName) bool { return n.Name == "Order Completed" && n.Type == "order.completed" }) {
		t.Error("the alias Order Completed is missing")
	}
}

func TestCurrenciesAreListed(t *testing.T) {
	codes := Currencies()
	if !slices.IsSorted(codes) || !slices.Contains(codes, "EUR") || slices.Contains(codes, "ABC") || len(codes) < 170 {
		t.Errorf("%d codes: %v", len(codes), codes)
	}
}
