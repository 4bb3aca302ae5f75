package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// What a statement of the schema makes, changes or fills.
var (
	createsTable = regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)`)
	createsFeed  = regexp.MustCompile(`^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+)`)
	createsView  = regexp.MustCompile(`^CREATE OR REPLACE VIEW (\w+)`)
	altersTable  = regexp.MustCompile(`^ALTER TABLE (\w+)`)
	fillsTable   = regexp.MustCompile(`^INSERT INTO (\w+)`)
)

// repair makes again what the applied files made and somebody has dropped:
// tables, views, and, if all files are applied, columns that the sink writes. The
// statements change nothing where they have run before. Where rows were lost, no
// cursor vouches for them any more, so that the sink reads them again from the
// streams; a table that others fill is filled from them.
func repair(ctx context.Context, conn driver.Conn, applied []migration, columnsToo bool) error {
	have, err := names(ctx, conn, "SELECT name FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		return err
	}
	columns, err := names(ctx, conn, "SELECT concat(table, '.', name) FROM system.columns WHERE database = currentDatabase()")
	if err != nil {
		return err
	}
	lost := lossesOf(applied, have)
	var lostColumns []string
	if columnsToo {
		lostColumns = columnsLost(lost.made, have, columns)
	}
	if len(lost.names) == 0 && len(lostColumns) == 0 {
		return nil
	}

	// First of all: whatever happens next, the rows are read again.
	if (lost.rows || len(lostColumns) > 0) && have["sink_cursors"] {
		err := conn.Exec(ctx, "INSERT INTO sink_cursors (name, stream, sequence, created) SELECT DISTINCT name, stream, 0, 0 FROM sink_cursors")
		if err != nil {
			return fmt.Errorf("clickhouse table sink_cursors: %w", err)
		}
	}
	for _, statement := range lostColumns {
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("clickhouse: make a column again: %w", err)
		}
	}

	return again(ctx, conn, applied, lost.names)
}

// losses is what the files make and the database lacks.
type losses struct {
	made  map[string]bool // tables that the files make
	names map[string]bool // tables and views that are not there
	rows  bool            // with them went rows that nothing but the streams has
}

func lossesOf(applied []migration, have map[string]bool) losses {
	l := losses{made: map[string]bool{}, names: map[string]bool{}}
	filled := map[string]bool{} // from other tables
	for _, m := range applied {
		for _, statement := range m.statements {
			kind, name := subject(statement)
			switch kind {
			case fillsTable:
				filled[name] = true

				continue
			case createsTable:
				l.made[name] = true
			}
			if !have[name] {
				l.names[name] = true
			}
		}
	}
	for name := range l.names {
		l.rows = l.rows || l.made[name] && !filled[name]
	}

	return l
}

// subject is what a statement of the schema makes, changes or fills.
func subject(statement string) (kind *regexp.Regexp, name string) {
	for _, kind := range []*regexp.Regexp{createsTable, createsView, createsFeed, fillsTable, altersTable} {
		if found := kind.FindStringSubmatch(statement); found != nil {
			return kind, found[1]
		}
	}

	return nil, ""
}

// again runs what made the lost tables, in its order, and then the newest statement of
// each lost view.
func again(ctx context.Context, conn driver.Conn, applied []migration, lost map[string]bool) error {
	var views []migration // of one statement each
	for _, m := range applied {
		tables := m
		tables.statements = nil
		for _, statement := range m.statements {
			kind, name := subject(statement)
			switch {
			case !lost[name]:
			case kind == createsView:
				views = slices.DeleteFunc(views, func(v migration) bool {
					_, former := subject(v.statements[0])

					return former == name
				})
				views = append(views, migration{name: m.name, statements: []string{statement}})
			default:
				tables.statements = append(tables.statements, statement)
			}
		}
		if err := run(ctx, conn, tables); err != nil {
			return err
		}
	}

	return makeViews(ctx, conn, views)
}

// makeViews makes views of which some may read others that are made later: none is tried
// before those that it names.
func makeViews(ctx context.Context, conn driver.Conn, views []migration) error {
	for len(views) > 0 {
		waiting := make(map[string]bool)
		for _, v := range views {
			_, name := subject(v.statements[0])
			waiting[name] = true
		}
		var later []migration
		for _, v := range views {
			if readsAny(v.statements[0], waiting) {
				later = append(later, v)

				continue
			}
			if err := run(ctx, conn, v); err != nil {
				return err
			}
			_, name := subject(v.statements[0])
			delete(waiting, name)
		}
		if len(later) == len(views) {
			return fmt.Errorf("clickhouse: schema file %s: views read each other in a circle: %v", later[0].name, slices.Sorted(maps.Keys(waiting)))
		}
		views = later
	}

	return nil
}

var words = regexp.MustCompile(`\w+`)

// readsAny is whether the statement of a view names one of those views, but for its own.
func readsAny(statement string, views map[string]bool) bool {
	_, own := subject(statement)

	return slices.ContainsFunc(words.FindAllString(statement, -1), func(word string) bool { return word != own && views[word] })
}

// columnsLost are the statements that make missing columns of existing tables.
func columnsLost(made, have, columns map[string]bool) []string {
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
