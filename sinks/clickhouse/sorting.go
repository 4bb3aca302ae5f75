package clickhouse

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var sorts = regexp.MustCompile(`^ALTER TABLE (\w+) .*MODIFY ORDER BY \(([^)]+)\)`)

// sortedSo says whether a statement adds to a table's key what that begins with
// already. Such a statement must not run again once a later one has added more: it
// would take that off, and only columns of the same statement can be added.
func sortedSo(ctx context.Context, conn driver.Conn, statement string) (bool, error) {
	change := sorts.FindStringSubmatch(statement)
	if change == nil {
		return false, nil
	}
	keys, err := names(ctx, conn, "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = '"+change[1]+"'")
	if err != nil {
		return false, fmt.Errorf("table %s: %w", change[1], err)
	}
	for key := range keys {
		return strings.HasPrefix(key+", ", change[2]+", "), nil
	}

	return false, nil
}
