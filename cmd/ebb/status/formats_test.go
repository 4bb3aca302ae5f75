package status

import (
	"strings"
	"testing"

	"ebb/cmd/ebb/call"
)

// Whoever looks at what a newer ebb runs is told so, in lines that fit.
func TestStatusSaysWhichFormatSnapshotsHave(t *testing.T) {
	s := &Status{Partitions: []PartitionStatus{
		{Partition: 0, Started: true, Format: 5},
		{Partition: 1, Started: true, Format: 6, Sections: "6 windows.9 segments.1"},
		{Partition: 2, Started: true, Format: 6, Sections: "6 windows.9 segments.1"},
		{Partition: 3},
	}}
	var text strings.Builder
	if err := s.Print(&text, call.Given{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Snapshots of format 5: 1; this ebb writes format 6\nSnapshots of format 6: 2; this ebb writes format 6\n",
		"Partition 1 can't be run by this ebb: written by a newer ebb: section",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("status lacks %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "Partition 2 can't") {
		t.Errorf("it says so twice:\n%s", text.String())
	}
	for line := range strings.Lines(text.String()) {
		if len(line) > 81 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}
