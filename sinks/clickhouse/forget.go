package clickhouse

import (
	"context"
	"fmt"
	"maps"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Forget deletes the rows that name the customer, and returns when they are
// gone from the tables' files. Figures that count the customer stay: they name
// nobody. A message that is still in a stream is written again when it is read
// again, so erase those first.
func Forget(ctx context.Context, conn driver.Conn, customer string) error {
	conditions := maps.Clone(personal)
	for _, table := range copiesOfSignals() {
		conditions[table] = personal["signals"]
	}
	for table, condition := range conditions {
		err := conn.Exec(ctx, "ALTER TABLE "+table+" DELETE WHERE "+condition+" SETTINGS mutations_sync = 2", customer)
		if err != nil {
			return fmt.Errorf("clickhouse: forget a customer in table %s: %w", table, err)
		}
	}

	return nil
}
