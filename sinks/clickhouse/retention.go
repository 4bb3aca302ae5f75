package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Rows that have expired go one part of a table after the other, and what corrects a
// row stays longer than the row. So whoever adds up rows of long ago has to know what
// may be gone; see v_benchmark.

// createRetention is the table that says how long rows of windows stay.
const createRetention = `CREATE TABLE IF NOT EXISTS ebb_retention
(
    window  String,
    seconds Int64 COMMENT 'from the end of the window on; 0 for ever',
    set_at  DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(set_at)
ORDER BY window
COMMENT 'How long rows of windows stay, by their length'`

const viewRetention = `CREATE VIEW IF NOT EXISTS valid_retention AS
SELECT window, seconds
FROM ebb_retention FINAL`

// noteRetention notes how long rows of windows are going to stay, where that is not what
// was noted before.
func noteRetention(ctx context.Context, conn driver.Conn, ttl TTL) error {
	for _, statement := range []string{createRetention, viewRetention} {
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("clickhouse: create table ebb_retention and its view: %w", err)
		}
	}
	noted, err := notedRetention(ctx, conn)
	if err != nil {
		return err
	}
	wanted := make(map[string]int64)
	for name := range noted {
		wanted[name] = 0
	}
	for _, w := range ttl.Rollups {
		wanted[w.Window] = int64(w.Keep / time.Second)
	}
	if maps.Equal(noted, wanted) {
		return nil
	}
	var names []string
	var seconds []int64
	for name, keep := range wanted {
		names, seconds = append(names, name), append(seconds, keep)
	}
	if err := conn.Exec(ctx, "INSERT INTO ebb_retention (window, seconds) SELECT kept.1, kept.2 FROM (SELECT arrayJoin(arrayZip(?, ?)) AS kept)", names, seconds); err != nil {
		return fmt.Errorf("clickhouse: note how long windows stay: %w", err)
	}

	return nil
}

func notedRetention(ctx context.Context, conn driver.Conn) (map[string]int64, error) {
	rows, err := conn.Query(ctx, "SELECT window, seconds FROM valid_retention")
	if err != nil {
		return nil, fmt.Errorf("clickhouse: read table ebb_retention: %w", err)
	}
	defer rows.Close()
	noted := make(map[string]int64)
	for rows.Next() {
		var name string
		var seconds int64
		if err := rows.Scan(&name, &seconds); err != nil {
			return nil, fmt.Errorf("clickhouse: read table ebb_retention: %w", err)
		}
		noted[name] = seconds
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("clickhouse: read table ebb_retention: %w", err)
	}

	return noted, nil
}
