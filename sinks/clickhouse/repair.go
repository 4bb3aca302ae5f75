package clickhouse

import (
	"context"
	"fmt"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var (
	createsTable = regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)`)
	createsView  = regexp.MustCompile(`^CREATE OR REPLACE VIEW (\w+)`)
)

// repair makes again what the applied files made and somebody has dropped:
// tables, views, and, if all files are applied, columns that the sink writes. The
// statements change nothing
// where they have run before. Where rows were lost, no cursor vouches for them
// any more, so that the sink reads them again from the streams.
func repair(ctx context.Context, conn driver.Conn, applied []migration, columnsToo bool) error {
	have, err := names(ctx, conn, "SELECT name FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		return err
	}
	columns, err := names(ctx, conn, "SELECT concat(table, '.', name) FROM system.columns WHERE database = currentDatabase()")
	if err != nil {
		return err
	}
	made, tablesLost, viewsLost := missing(applied, have)
	var lost []string
	if columnsToo {
		lost = lostColumns(made, have, columns)
	}
	if !tablesLost && !viewsLost && len(lost) == 0 {
		return nil
	}

	// First of all: whatever happens next, the rows are read again.
	if (tablesLost || len(lost) > 0) && have["sink_cursors"] {
		err := conn.Exec(ctx, "INSERT INTO sink_cursors (name, stream, sequence, created) SELECT DISTINCT name, stream, 0, 0 FROM sink_cursors")
		if err != nil {
			return fmt.Errorf("clickhouse table sink_cursors: %w", err)
		}
	}
	for _, statement := range lost {
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("clickhouse: make a column again: %w", err)
		}
	}
	for _, m := range applied {
		if m.version == 0 { // a metric: it has nothing to do with others, and its columns are there now
			_, tableLost, viewLost := missing([]migration{m}, have)
			if !tableLost && !viewLost {
				continue
			}
			m.statements = anew(m.statements, TTL{})
		}
		if err := run(ctx, conn, m); err != nil {
			return err
		}
	}

	return nil
}

// missing says which tables the files make, and whether some of them, or of
// their views, are not there.
func missing(applied []migration, have map[string]bool) (made map[string]bool, tablesLost, viewsLost bool) {
	made = map[string]bool{}
	for _, m := range applied {
		for _, statement := range m.statements {
			if name := createsTable.FindStringSubmatch(statement); name != nil {
				made[name[1]] = true
				tablesLost = tablesLost || !have[name[1]]
			}
			if name := createsView.FindStringSubmatch(statement); name != nil {
				viewsLost = viewsLost || !have[name[1]]
			}
		}
	}

	return made, tablesLost, viewsLost
}

// lostColumns are the statements that make missing columns of existing tables.
func lostColumns(made, have, columns map[string]bool) []string {
	var out []string
	for _, t := range append(tables(), erasTable(nil)) {
		if !made[t.name] || !have[t.name] {
			continue
		}
		for _, c := range t.columns {
			if !columns[t.name+"."+c.Name] {
				out = append(out, fmt.Sprintf("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s", t.name, c.Name, c.Type))
			}
		}
	}

	return out
}

func names(ctx context.Context, conn driver.Conn, query string) (map[string]bool, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("clickhouse: read the schema: %w", err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("clickhouse: read the schema: %w", err)
		}
		found[name] = true
	}

	return found, rows.Err()
}
