package vocabulary

import (
	"testing"

	"pgregory.net/rapid"
)

// The index is only quicker: every name has the class that the map has, and a
// name that the map lacks is unknown.
func TestIndexAgreesWithTheMap(t *testing.T) {
	v := DefaultVocabulary()
	placed := 0

	for name, want := range v.byName {
		got, ok := v.places.find([]byte(name))
		if ok {
			placed++
		}

		if ok && *got != want {
			t.Errorf("%s: %+v, want %+v", name, *got, want)
		}
	}

	if placed < len(v.byName)*3/4 {
		t.Errorf("only %d of %d names have a place: choose other bytes", placed, len(v.byName))
	}

	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 20), rapid.Map(rapid.SampledFrom(v.Types()), func(e EventType) []byte {
			return []byte(e.Name[:len(e.Name)-1])
		})).Draw(t, "name")
		if _, known := v.byName[string(name)]; known {
			return
		}

		if got, ok := v.places.find(name); ok {
			t.Fatalf("%q is %+v, but no name", name, *got)
		}
	})
}
