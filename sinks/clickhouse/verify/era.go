package verify

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// covered is from which window end on, in Unix ms, an era covers the windows of
// a length, and under "" from when on it covers the rest.
type covered map[string]int64

// coverage reads what the sink has noted of an era.
func coverage(ctx context.Context, conn driver.Conn, era int64) (covered, error) {
	rows, err := conn.Query(ctx,
		"SELECT window, toUnixTimestamp64Milli(since) FROM v_eras WHERE toUnixTimestamp64Milli(era) = ?", era)
	if err != nil {
		return nil, fmt.Errorf("verify: view v_eras: %w", err)
	}
	defer rows.Close()

	found := make(covered)
	for rows.Next() {
		var window string
		var since int64
		if err := rows.Scan(&window, &since); err != nil {
			return nil, fmt.Errorf("verify: view v_eras: %w", err)
		}
		found[window] = since
	}

	return found, rows.Err()
}

// since is a parameter of statements: beyond all time where nothing is covered.
func (c covered) since(window string) string {
	since, known := c[window]
	if !known {
		since = math.MaxInt64
	}

	return strconv.FormatInt(since, 10)
}
