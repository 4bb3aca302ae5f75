package trial

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// view is a view of the database and its columns, by name.
type view map[string]string

// isPlace says whether a column tells when a row was written or read, or at which
// place of which stream it is. No two runs have the same.
func isPlace(column string) bool {
	switch column {
	case "version", "era", "sequence", "row", "written", "created", "lag_seconds":
		return true
	}

	return false
}

// ofPlaces are views of nothing but places.
func ofPlaces(table string) bool { return table == "v_eras" || table == "v_era_clocks" }

// readViews are all views that are compared: they show what every table holds, each
// row as it is in the end, however it is kept.
func readViews(ctx context.Context, conn driver.Conn) (map[string]view, error) {
	rows, err := conn.Query(ctx, `
		SELECT table, name, type FROM system.columns
		WHERE database = $1 AND table IN (SELECT name FROM system.tables WHERE database = $1 AND engine = 'View')`, database)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	views := make(map[string]view)
	for rows.Next() {
		var table, column, kind string
		if err := rows.Scan(&table, &column, &kind); err != nil {
			return nil, err
		}
		if ofPlaces(table) || isPlace(column) {
			continue
		}
		if views[table] == nil {
			views[table] = make(view)
		}
		views[table][column] = kind
	}

	return views, rows.Err()
}

// labeled is a column as text behind its name.
func labeled(table, column, kind string) string {
	return "concat('" + column + " ', " + expression(table, column, kind) + ")"
}

// expression is a column as text that doesn't depend on how it is kept. A map has
// no order. What a view adds up of fractions has no exact value, as the order in
// which it does is that of the threads: it is compared by its first seven digits.
func expression(table, column, kind string) string {
	name := "`" + column + "`"
	switch {
	case strings.HasPrefix(kind, "Map("):
		name = "mapSort(" + name + ")"
	case strings.HasPrefix(kind, "Array(Map("):
		name = "arrayMap(m -> mapSort(m), " + name + ")"
	case strings.HasPrefix(table, "v_") && (kind == "Float64" || kind == "Nullable(Float64)"):
		name = "toFloat32(" + name + ")"
	}

	return "ifNull(toString(" + name + "), 'NULL')"
}

// digested is what is compared of a view at once: how many rows there are, and a sum
// of their hashes, in which no row cancels another.
type digested struct {
	Rows uint64
	Hash uint64
}

func digest(ctx context.Context, conn driver.Conn, table, row string) (d digested, err error) {
	query := fmt.Sprintf("SELECT count(), sum(sipHash64(%s)) FROM %s", row, table)
	if err := conn.QueryRow(ctx, query).Scan(&d.Rows, &d.Hash); err != nil {
		return d, fmt.Errorf("read view %s: %w", table, err)
	}

	return d, nil
}

// hashes are those of all rows, sorted.
func hashes(ctx context.Context, conn driver.Conn, table, row string) ([]uint64, error) {
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT sipHash64(%s) AS hash FROM %s ORDER BY hash", row, table))
	if err != nil {
		return nil, fmt.Errorf("read view %s: %w", table, err)
	}
	defer rows.Close()
	var found []uint64
	for rows.Next() {
		var hash uint64
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		found = append(found, hash)
	}

	return found, rows.Err()
}

// examples are the first of the rows with these hashes, as text.
func examples(ctx context.Context, conn driver.Conn, table, row, line string, of []uint64) ([]string, error) {
	if len(of) == 0 {
		return nil, nil
	}
	list := make([]string, 0, mostExamples*100)
	for _, hash := range of[:min(len(of), cap(list))] {
		list = append(list, fmt.Sprint(hash))
	}
	query := fmt.Sprintf("SELECT DISTINCT arrayStringConcat(%s, '; ') AS line FROM %s WHERE sipHash64(%s) IN (%s) ORDER BY line LIMIT %d",
		line, table, row, strings.Join(list, ", "), mostExamples)

	return lines(ctx, conn, query)
}

const mostExamples = 3
