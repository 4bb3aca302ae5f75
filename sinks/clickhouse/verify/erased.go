package verify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Of a partition out of which somebody was erased the events are no longer all there, so
// what followed from them can't be derived again. It could be if something of each event
// were kept: its time, type and value. But times to the millisecond and amounts single
// people out, whatever name is left off; and a proof is no reason to keep them. So such
// partitions are left out, by name and with the number of their rows, and all others are
// proved. Where customers were active under an anonymous id of such a partition can't be
// told either, so the partitions to which they moved are left out as well.

// leaveOut finds the partitions out of which somebody was or is to be erased, takes them
// out of what is derived from, and says how many rows of theirs there are.
func leaveOut(ctx context.Context, conn driver.Conn, s *Settings) (partitions []uint16, rows uint64, err error) {
	asks := "lane = 'c' AND control IN ('forget', 'forgotten')"
	if slices.ContainsFunc(s.all(), func(c Change) bool { return !c.Settings.ForgetByCommand }) {
		asks += " OR control = '' AND JSONExtractString(body, 'type') = 'customer.forgotten'"
	}
	partitions, err = partitionsOf(ctx, conn, "SELECT DISTINCT partition FROM verify_raw WHERE "+asks+" ORDER BY partition")
	if err != nil || len(partitions) == 0 {
		return nil, 0, err
	}
	moved, err := partitionsOf(ctx, conn, "SELECT DISTINCT partition FROM verify_raw WHERE lane = 'c' AND control = 'move' AND isValidJSON(body) "+
		"AND JSONExtractUInt(body, 'partition') IN "+list(partitions))
	if err != nil {
		return nil, 0, err
	}
	partitions = union(partitions, moved)
	in := "partition IN (" + strings.Trim(list(partitions), "[]") + ")"
	if err := conn.Exec(ctx, "ALTER TABLE verify_raw DELETE WHERE "+in+" SETTINGS mutations_sync = 2"); err != nil {
		return nil, 0, fmt.Errorf("verify: table verify_raw: %w", err)
	}
	for _, table := range []string{"rollups_total", "rollups_kind", "rollups_channel", "rollups_type", "signals", "late", "deadletters"} {
		var n uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM valid_"+table+" WHERE "+in).Scan(&n); err != nil {
			return nil, 0, fmt.Errorf("verify: table %s: %w", table, err)
		}
		rows += n
	}

	return partitions, rows, nil
}

// union is all partitions of both, ascending.
func union(some, others []uint16) []uint16 {
	all := slices.Concat(some, others)
	slices.Sort(all)

	return slices.Compact(all)
}

// list writes numbers as ClickHouse reads an array.
func list(numbers []uint16) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(int(n))
	}

	return "[" + strings.Join(texts, ", ") + "]"
}
