package pipeline_test

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"ebb/pipeline/inspect"
)

// A customer whose partition has lost its state is made again from the stream as
// long as that holds everything; else the report is what signals say, and says
// what is missing.
func TestInspectSaysWhatIsLeft(t *testing.T) {
	config := smallConfig()
	m := live(config, "ann", "order.completed", 20, 1)
	runOwner(t, m, config, "owner")
	want := inspectAll(t, m, config, "ann")
	last := want.History[len(want.History)-1]
	damage := func() {
		for name := range m.snapshots {
			m.snapshots[name] = []byte("no snapshot")
		}
	}
	for name, test := range map[string]struct {
		spoil   func()
		missing string // "" where nothing is
	}{
		"no snapshot, all records":      {func() { clear(m.snapshots) }, ""},
		"damaged snapshot, all records": {damage, ""},
		"no snapshot, the front gone":   {func() { clear(m.snapshots); m.removed = 3 }, "gone"},
		"damaged, the front gone":       {func() { damage(); m.removed = 3 }, "damaged"},
		"the end lost":                  {func() { m.records = m.records[:3] }, "the input stream does not hold"},
	} {
		records, snapshots := m.records, m.snapshots
		m.snapshots = maps.Clone(snapshots)
		test.spoil()
		got := inspectAll(t, m, config, "ann")
		if test.missing == "" && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, want)
		}
		if test.missing != "" && (!strings.Contains(got.Missing, test.missing) || got.Level != last.Level || got.Risk != last.Risk ||
			got.Clock != last.At || got.Next != nil || !reflect.DeepEqual(got.History, want.History)) {
			t.Errorf("%s: %+v\nthe last signal is %+v", name, got, last)
		}
		_, err := inspect.Inspect(t.Context(), config, m.inspectPorts(), "nobody", nil)
		if !errors.Is(err, inspect.ErrUnknownCustomer) {
			t.Errorf("%s: of nobody it says %v", name, err)
		}
		m.records, m.removed, m.snapshots = records, 0, snapshots
	}
}
