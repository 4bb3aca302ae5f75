package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/forget"
)

// copiesOfSignals are the tables that the server fills from signals. They say nothing
// that those don't.
func copiesOfSignals() []string { return []string{"level_changes", "newest_signals"} }

// PersonalTables are the tables whose rows name customers, without copies: signals and
// late by column, deadletters in the bodies of what was set aside, events and messages
// about customers. All other tables hold figures that count customers and name nobody.
func PersonalTables() []string { return []string{"deadletters", "late", "signals"} }

// Personal hands over the rows of a table that name the customer, by their columns,
// oldest first.
func Personal(ctx context.Context, conn driver.Conn, table, customer string, each func(row map[string]any) error) error {
	if !slices.Contains(PersonalTables(), table) {
		return fmt.Errorf("table %s names no customers", table)
	}
	condition, parameters := "customer = ?", []any{customer}
	switch table {
	case "deadletters":
		condition, parameters = "1", nil
	case "signals": // and those about an anonymous customer who is theirs
		condition, parameters = "customer = ? OR joined = ?", []any{customer, customer}
	}
	rows, err := conn.Query(ctx, "SELECT * FROM "+table+" FINAL WHERE "+condition+" ORDER BY era, version, partition", parameters...)
	if err != nil {
		return fmt.Errorf("clickhouse: table %s: %w", table, err)
	}
	defer rows.Close()
	types, names, finder := rows.ColumnTypes(), rows.Columns(), forget.NewFinder()
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
		if body, ok := row["body"].(string); ok {
			if _, theirs := finder.Of([]byte(body), func(id string) bool { return id == customer }); !theirs {
				continue
			}
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
