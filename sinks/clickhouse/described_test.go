package clickhouse_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// columnsOf are the columns of all tables and views.
func columnsOf(t *testing.T, conn driver.Conn) map[string][]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT table, groupArray(name) FROM system.columns WHERE database = currentDatabase() GROUP BY table")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string][]string{}
	for rows.Next() {
		var table string
		var columns []string
		if err := rows.Scan(&table, &columns); err != nil {
			t.Fatal(err)
		}
		found[table] = columns
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	return found
}

// compareColumns holds what is described against what is there, both ways.
func compareColumns(t *testing.T, name, table string, described, there []string) {
	t.Helper()
	if len(there) == 0 {
		t.Errorf("%s: there is no %s", name, table)

		return
	}
	seen := map[string]bool{}
	for _, column := range described {
		if !slices.Contains(there, column) {
			t.Errorf("%s: %s.%s is described, and is not there", name, table, column)
		}
		if seen[column] {
			t.Errorf("%s: %s.%s is described twice", name, table, column)
		}
		seen[column] = true
	}
	for _, column := range there {
		if !seen[column] {
			t.Errorf("%s: %s.%s is not described", name, table, column)
		}
	}
}

// What is described is the schema: every column of every view and table that is named,
// and no table or view is left out.
func TestDescriptionsAreTheSchema(t *testing.T) {
	there := columnsOf(t, migrated(t))
	// What readers and ebb itself need to read the others.
	covered := map[string]bool{
		"v_clock": true, "v_era_clocks": true, "v_eras": true, "v_partition_clocks": true, "eras": true, "sink_cursors": true,
		"level_changes": true, "newest_signals": true, "level_changes_feed": true, "newest_signals_feed": true,
		"ebb_migrations": true, "ebb_metrics": true, "ebb_retention": true, "ebb_installations": true, "benchmarks": true,
	}
	for _, d := range metric.Describe() {
		var view, table []string
		for _, c := range d.Columns {
			view = append(view, c.Name)
			if !c.Derived {
				table = append(table, c.Name)
			}
		}
		for _, c := range d.Stored {
			table = append(table, c.Name)
		}
		compareColumns(t, d.Name, d.View, view, there[d.View])
		if !d.ByView {
			compareColumns(t, d.Name, d.Table, table, there[d.Table])
		}
		if !slices.Contains(there[d.Table], d.Time) {
			t.Errorf("%s: table %s has no column %s", d.Name, d.Table, d.Time)
		}
		names := append([]string{d.Table, d.View}, d.Views...)
		if d.Series != "" {
			names = append(names, d.Series)
		}
		for _, name := range names {
			if len(there[name]) == 0 {
				t.Errorf("%s: there is no %s", d.Name, name)
			}
			covered[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !covered[name] && !strings.HasPrefix(name, "valid_") {
			t.Errorf("%s is in no description of pipeline/metric", name)
		}
	}
}

// Every example runs as it stands, whatever database is the connection's own.
func TestExampleQueriesRun(t *testing.T) {
	conn := migrated(t)
	var database string
	if err := conn.QueryRow(t.Context(), "SELECT currentDatabase()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	for _, d := range metric.Describe() {
		if err := conn.Exec(t.Context(), strings.ReplaceAll(d.Query(database), "LIMIT 20", "LIMIT 20 FORMAT Null")); err != nil {
			t.Errorf("%s: %v\n%s", d.Name, err, d.Query(database))
		}
	}
}
