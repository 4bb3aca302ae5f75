package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// personal are the tables whose rows name customers, with what finds those of one,
// whose id is each question mark. All other tables hold figures that count customers
// and name nobody.
var personal = map[string]string{
	"signals": "customer = ?",
	"late":    "customer = ?",
	// What was set aside is an event, or a message about one customer.
	"deadletters": "? IN (JSONExtractString(body, 'customer'), concat('anonymous:', JSONExtractString(body, 'anonymous_id')))",
}

// copiesOfSignals are the tables that the server fills from signals. They say nothing
// that those don't.
func copiesOfSignals() []string { return []string{"level_changes", "newest_signals"} }

// PersonalTables are the tables whose rows name customers, without copies.
func PersonalTables() []string {
	return slices.Sorted(maps.Keys(personal))
}

// Personal hands over the rows of a table that name the customer, by their columns,
// oldest first.
func Personal(ctx context.Context, conn driver.Conn, table, customer string, each func(row map[string]any) error) error {
	condition, ok := personal[table]
	if !ok {
		return fmt.Errorf("table %s names no customers", table)
	}
	rows, err := conn.Query(ctx, "SELECT * FROM "+table+" FINAL WHERE "+condition+" ORDER BY era, version, partition", customer)
	if err != nil {
		return fmt.Errorf("clickhouse: table %s: %w", table, err)
	}
	defer rows.Close()
	types, names := rows.ColumnTypes(), rows.Columns()
	for rows.Next() {
		cells := make([]any, len(types))
		for i, t := range types {
			cells[i] = reflect.New(t.ScanType()).Interface()
		}
		if err := rows.Scan(cells...); err != nil {
			return fmt.Errorf("clickhouse: table %s: %w", table, err)
		}
		row := make(map[string]any, len(names))
		for i, name := range names {
			row[name] = reflect.ValueOf(cells[i]).Elem().Interface()
		}
		if err := each(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("clickhouse: table %s: %w", table, err)
	}

	return nil
}
