package setting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ebb/sinks/clickhouse"
)

// RollupTTL is how long windows stay, by their length.
type RollupTTL []clickhouse.WindowTTL

// UnmarshalText reads LENGTH=DURATION, separated by commas, or one duration
// for all lengths. Lengths that are left out keep their default.
func (r *RollupTTL) UnmarshalText(text []byte) error {
	out := slices.Clone(clickhouse.DefaultTTL().Rollups)
	seen := map[string]bool{}
	for entry := range strings.SplitSeq(string(text), ",") {
		length, span, named := strings.Cut(strings.TrimSpace(entry), "=")
		if !named {
			length, span = "", length
		}
		keep, err := ParseDuration(strings.TrimSpace(span))
		if err != nil {
			return err
		}
		length = strings.TrimSpace(length)
		found := false
		for i := range out {
			if !named || out[i].Window == length {
				out[i].Keep, found = keep, true
			}
		}
		if !found {
			return fmt.Errorf("%q is no length of a window; use 1m, 5m, 1h, 24h, 7d or 28d", length)
		}
		if seen[length] || !named && strings.Contains(string(text), ",") {
			return fmt.Errorf("%q says twice how long windows stay; write LENGTH=DURATION once for each length, or one duration for all", text)
		}
		seen[length] = true
	}
	*r = out

	return nil
}

// String is what UnmarshalText reads.
func (r RollupTTL) String() string {
	entries := make([]string, len(r))
	for i, w := range r {
		entries[i] = w.Window + "=" + Duration(w.Keep).String()
	}

	return strings.Join(entries, ",")
}

// Expired is up to when windows are expired now, by length, Unix ms.
func (r RollupTTL) Expired(now time.Time) map[string]int64 {
	expired := map[string]int64{}
	for _, w := range r {
		if w.Keep > 0 {
			expired[w.Window] = now.Add(-w.Keep).UnixMilli()
		}
	}

	return expired
}

// Retention says what of a history would be gone at once, and which settings
// keep it. first and last are the times of the history, Unix ms; last is 0
// where it is not known.
func (c *TTLConfig) Retention(now time.Time, first, last int64) []string {
	var words []string
	say := func(what, fate, setting string, keep time.Duration) {
		until := now.Add(-keep)
		if keep == 0 || first == 0 || first >= until.UnixMilli() {
			return
		}
		share := "those before " + until.UTC().Format(time.DateOnly)
		if last != 0 && last < until.UnixMilli() {
			share = "all of them"
		}
		words = append(words, fmt.Sprintf("%s are older than %s keeps them: %s %s.", what, setting, share, fate))
	}
	for _, w := range c.Rollups {
		say("Windows of "+w.Window, "are not produced", "ttl.rollups ("+w.Window+"="+Duration(w.Keep).String()+")", w.Keep)
	}
	const removed = "are published, and ClickHouse removes them"
	say("Signals", removed, "ttl.signals ("+c.Signals.String()+")", time.Duration(c.Signals))
	say("Late events", removed, "ttl.late ("+c.Late.String()+")", time.Duration(c.Late))
	say("Dead letters", removed, "ttl.dead_letters ("+c.DeadLetters.String()+")", time.Duration(c.DeadLetters))
	if len(words) == 0 {
		return nil
	}
	begin := "Old history, from " + time.UnixMilli(first).UTC().Format(time.DateOnly) + " on:"
	if last != 0 {
		begin = fmt.Sprintf("Old history, of %s to %s:", time.UnixMilli(first).UTC().Format(time.DateOnly), time.UnixMilli(last).UTC().Format(time.DateOnly))
	}

	return append(append([]string{begin}, words...), "To keep all rows: "+c.keepAll()+", here and of ebb run.")
}

// keepAll are the flags that keep every row.
func (c *TTLConfig) keepAll() string {
	flags := "--ttl.rollups 0s"
	for _, other := range []struct {
		flag string
		keep Duration
	}{{"signals", c.Signals}, {"late", c.Late}, {"dead_letters", c.DeadLetters}} {
		if other.keep > 0 {
			flags += " --ttl." + other.flag + " 0s"
		}
	}

	return flags
}
