package producer

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
)

// A producer can send every field of the table, and no other.
func TestProducersFollowTheTableOfFields(t *testing.T) {
	number, now := 0.5, time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	values := map[reflect.Type]any{
		reflect.TypeFor[string](): "EUR", reflect.TypeFor[time.Time](): now, reflect.TypeFor[*float64](): &number,
		reflect.TypeFor[bool](): true, reflect.TypeFor[map[string]any](): map[string]any{"a": 1},
	}
	var e Event
	fields := reflect.ValueOf(&e).Elem()
	for i := range fields.NumField() {
		fields.Field(i).Set(reflect.ValueOf(values[fields.Field(i).Type()]))
	}
	data, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(data, &sent); err != nil {
		t.Fatal(err)
	}
	var table []string
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		table = append(table, f.String())
		if named := func(name string) bool { return strings.EqualFold(name, strings.ReplaceAll(f.String(), "_", "")) }; !fields.FieldByNameFunc(named).IsValid() {
			t.Errorf("Event has no %s", f)
		}
	}
	slices.Sort(table)
	if got := slices.Sorted(maps.Keys(sent)); !slices.Equal(got, table) {
		t.Errorf("it sends %q, the table has %q", got, table)
	}
}
