package shard

import (
	"fmt"
	"slices"
	"testing"

	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/silence"
	"ebb/windows"
)

// Some numbers in snapshots and manifests stand for what a constant names, and not
// for what a dictionary beside them says. They never change: one that is added gets
// the next number, and one that is removed leaves its number behind.
func TestNumbersInStateNeverChange(t *testing.T) {
	names := func(n int, name func(int) string) (list []string) {
		for i := range n {
			list = append(list, name(i))
		}

		return list
	}
	for what, numbers := range map[string]struct{ got, want []string }{
		"levels of customers": {
			names(churn.Levels, func(i int) string { return churn.Level(i).String() }),
			[]string{"healthy", "cooling", "at_risk", "lapsed"},
		},
		"segments of rows to learn from": {
			names(int(churn.Segments), func(i int) string { return churn.Segment(i).String() }),
			[]string{"one_time", "newcomer", "regular", "long_silent"},
		},
		"troubles of customers": {
			names(churn.Troubles, func(i int) string { return churn.Trouble(i).String() }),
			[]string{"other", "complaint", "payment", "unsubscribed", "returned", "quit"},
		},
		"notices of customers": {
			names(churn.Notices, func(i int) string { return churn.Notice(i).String() }),
			[]string{"", "look", "message", "mail"},
		},
		"outcomes of rows to learn from": {
			[]string{fmt.Sprint(churn.Waiting, churn.Back, churn.Lost, churn.Returned)},
			[]string{"0 1 2 3"},
		},
		"states of the feed": {
			names(int(silence.GivenUp)+1, func(i int) string { return silence.State(i).String() }),
			[]string{"unchanged", "silent", "back", "given_up"},
		},
		"window keys that depend on no vocabulary": {
			names(int(keyFree), func(i int) string { row := fixedKeys().rows[i]; return fmt.Sprint(row.table, " ", row.name) }),
			[]string{
				"rollups_total ", "rollups_kind passive", "rollups_kind micro", "rollups_kind active", "rollups_kind exposure",
				"rollups_kind unknown", "rollups_kind machine",
			},
		},
		"window keys that count distinct customers": {[]string{fmt.Sprint(customers.DistinctKeys)}, []string{"4"}},
		"markers of manifests": {
			names(Streams, func(i int) string { return Stream(i).String() }),
			[]string{"rollups", "signals", "deadletters", "s"},
		},
	} {
		if !slices.Equal(numbers.got, numbers.want) {
			t.Errorf("%s are %q; what is stored says %q", what, numbers.got, numbers.want)
		}
	}
}

// Layouts that other packages own have a version of their own inside of a section.
// It never changes without the section's: an older program would take a layout that
// it does not know for damage.
func TestLayoutsInSectionsHaveTheirVersion(t *testing.T) {
	shard, _ := busyShard(t, 3, 2)
	for _, layout := range []struct {
		section      string
		version      int
		got, written byte
	}{
		{"windows", 1, shard.appendWindows(nil)[0], 2},
		{"identities", 1, shard.identities.capture()(nil)[0], 3},
	} {
		if known := SnapshotVersions()[layout.section]; known != layout.version || layout.got != layout.written {
			t.Errorf("version %d of section %s has layout %d, it was version %d with %d: "+
				"give the section another reader, see snapshot_parts.go, and write both here",
				known, layout.section, layout.got, layout.version, layout.written)
		}
	}
	if size := churn.StateSize + customers.DistinctKeys*windows.ActivitySize; size != 256 || SnapshotVersions()["customers"] != 1 {
		t.Errorf("a customer takes %d bytes beside the id: give section customers another reader, and write it here", size)
	}
}
