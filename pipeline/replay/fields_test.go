package replay

import (
	"slices"
	"testing"

	"ebb/pipeline/event"
)

// A mapping can fill every field of the table, and those that are none of the event.
func TestMappingsFollowTheTableOfFields(t *testing.T) {
	var want []string
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		want = append(want, f.String())
		mapped, ok := fieldOf(f.String())
		number := f.Spec().Form == event.Money || f.Spec().Form == event.Number
		if !ok || mapped.String() != f.String() || (mapped.kind() == kindNumber) != number || (mapped.kind() == kindTime) != (f.Spec().Form == event.Time) {
			t.Errorf("%s is %s, of kind %d", f, mapped, mapped.kind())
		}
	}
	if got := fieldNames(); !slices.Equal(got, append(want, "arrival", "kind", "group", "quantity", "price")) {
		t.Errorf("mappings may name %q, the table has %q", got, want)
	}
}
