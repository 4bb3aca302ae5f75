package verify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ebb/pipeline/event"
)

// The proof states the rules of the event once more, and so that nothing is left out, it
// names every field of the table, with its limit, and no other.
func TestProofFollowsTheTableOfFields(t *testing.T) {
	text, err := files.ReadFile("sql/parsed.sql")
	if err != nil {
		t.Fatal(err)
	}
	list := func(name string) []string {
		found := regexp.MustCompile(`(?s)\[([^\]]*)\] AS ` + name + `\b`).FindSubmatch(text)
		if found == nil {
			t.Fatalf("parsed.sql has no list called %s", name)
		}
		var items []string
		for item := range strings.SplitSeq(string(found[1]), ",") {
			items = append(items, strings.Trim(strings.TrimSpace(item), "'"))
		}

		return items
	}
	names, limits := list("fields"), list("limits")
	var table []string
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		spec := f.Spec()
		table = append(table, spec.Name)
		at := slices.Index(names, spec.Name)
		text := spec.Form <= event.Time
		switch {
		case at < 0:
			t.Errorf("it does not know %s", spec.Name)
		case text != (at < len(limits)):
			t.Errorf("it takes %s for a text: %v", spec.Name, at < len(limits))
		case text:
			most := spec.Most
			if most == 0 {
				most = event.MaxEventBytes
			}
			if limits[at] != strconv.Itoa(most) {
				t.Errorf("%s has at most %s bytes there, and %d in the table", spec.Name, limits[at], most)
			}
		}
	}
	slices.Sort(table)
	slices.Sort(names)
	if !slices.Equal(names, table) {
		t.Errorf("it knows %q, the table has %q", names, table)
	}
}
