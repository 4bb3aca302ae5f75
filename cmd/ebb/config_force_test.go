package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/term"
)

// However many partitions there are, where a version is in force is a few lines.
func TestConfigShowSaysWhereInFewLines(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	status := func(versions ...uint64) *configStatus {
		s := &configStatus{}
		s.Version = 2
		for i, version := range versions {
			p := configPartition{Partition: i, Version: version}
			if version > 1 {
				p.Since, p.Time = uint64(100+i), at.Add(time.Duration(i)*time.Minute)
			}
			s.Partitions = append(s.Partitions, p)
		}

		return s
	}
	for _, test := range []struct {
		versions []uint64
		want     string
	}{
		{[]uint64{2, 2, 2}, "In force in all 3 partitions.|Since record 100, when the clock was 2026-03-01T09:00:00Z,|to record 102, when it was 2026-03-01T09:02:00Z; --json says which where."},
		{[]uint64{1, 2, 1, 1, 0}, "In force in 1 of 5 partitions; a running `ebb run` sees to the others.|Version 0 still: partition 4.|Version 1 still: partitions 0, 2 to 3.|Since record 101, when the clock was 2026-03-01T09:01:00Z."},
		{make([]uint64, 1024), "In force in 0 of 1024 partitions; a running `ebb run` sees to the others.|Version 0 still: partitions 0 to 1023."},
	} {
		var out bytes.Buffer
		status(test.versions...).printForce(&term.Writer{To: &out})
		if got := strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(out.String()), "# "), "\n# ", "|"); got != test.want {
			t.Errorf("%v: %s\nwant %s", test.versions[:min(5, len(test.versions))], got, test.want)
		}
		for line := range strings.Lines(out.String()) {
			if len(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("a line of %d characters: %s", len(line), line)
			}
		}
	}
}
