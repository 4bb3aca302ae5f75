package clickhouse

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// makeDerived makes the views over the tables of metrics, as they are in this version:
// all that they read is there by now.
func makeDerived(ctx context.Context, conn driver.Conn) error {
	for _, d := range metric.Deriveds() {
		query, err := d.SQL()
		if err != nil {
			return err
		}
		if err := conn.Exec(ctx, "CREATE OR REPLACE VIEW "+d.View()+" AS\n"+query); err != nil {
			return fmt.Errorf("clickhouse: make view %s: %w", d.View(), err)
		}
	}

	return nil
}
