package main

import (
	"strings"
	"testing"
	"time"
)

// Whatever retention would remove at once is named with its setting, in a part
// or as a whole, and nothing else is.
func TestRetentionOfOldHistoryIsSaid(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	at := func(days int) int64 { return now.AddDate(0, 0, -days).UnixMilli() }
	for name, test := range map[string]struct {
		arguments   []string
		first, last int64
		want        []string
	}{
		"recent":             {nil, at(10), at(0), nil},
		"nothing known":      {nil, 0, 0, nil},
		"all is kept":        {[]string{"--ttl.rollups=0s", "--ttl.signals=0s", "--ttl.late=0s", "--ttl.dead_letters=0s"}, at(3000), at(2900), nil},
		"only short windows": {nil, at(20), at(1), []string{"Windows of 1m are older than ttl.rollups (1m=14d) keeps them: those before 2026-11-15 are not produced.", "--ttl.rollups 0s"}},
		"2019": {nil, at(2800), at(2600), []string{
			"Windows of 1m are older than ttl.rollups (1m=14d) keeps them: all of them are not produced.",
			"Windows of 5m are older than ttl.rollups (5m=60d)", "Windows of 1h are older than ttl.rollups (1h=400d)",
			"Signals are older than ttl.signals (180d) keeps them: all of them are published, and ClickHouse removes them.",
			"Late events are", "Dead letters are",
			"To keep all rows: --ttl.rollups 0s --ttl.signals 0s --ttl.late 0s --ttl.dead_letters 0s, here and of ebb run.",
		}},
		"the end unknown": {nil, at(2800), 0, []string{"Old history, from 2019-", "those before 2026-11-15 are not produced"}},
	} {
		config, err := parseConfig(t, test.arguments...)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(config.TTL.Retention(now, test.first, test.last), "\n")
		if test.want == nil && got != "" {
			t.Errorf("%s: %s", name, got)
		}
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: lacks %q:\n%s", name, want, got)
			}
		}
		if name == "only short windows" && (strings.Contains(got, "5m are") || strings.Contains(got, "Signals")) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
