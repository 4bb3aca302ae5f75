package trial

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local"
	"ebb/pipeline/metric"
)

// database is that of the demo's tables.
const database = "ebb"

// Figures are the columns of the rollups that must not depend on events that come
// twice, nor on the order of arrival, but for those of Judged and Ordered. When a row was
// published, and at which place of which stream, does.
func Figures() Selection {
	return Selection{
		tables: rollups(),
		except: "version, clock, era",
	}
}

// Everything is all tables with all columns that must not depend on
// interruptions. An importer that goes on leaves a mark of its own in the input
// stream, and owners tick until an import begins, so the sequences that rows
// carry are not the same in two runs, nor is the era of their streams.
func Everything() Selection {
	return Selection{
		tables: append(rollups(), "signals", "late", "deadletters", "levels", "pipeline", "model_quality", "feed"),
		except: "version, sequence, era",
	}
}

// rollups are the tables of windows.
func rollups() []string {
	tables := []string{"valid_rollups_total", "valid_rollups_kind", "valid_rollups_channel", "valid_rollups_type"}
	for _, m := range metric.Tables() {
		tables = append(tables, "valid_"+string(m.Table()))
	}

	return tables
}

// Judged says whether what a table of Figures holds follows from the levels of risk. What
// the model learns follows from when its questions came between the events, which is not
// the same in two runs.
func Judged(table string) bool {
	return slices.ContainsFunc(metric.Tables(), func(m *metric.Metric) bool {
		return table == "valid_"+string(m.Table()) && (len(m.Modelled) > 0 || slices.Contains(m.Dimensions(), "level"))
	})
}

// Ordered says whether what a table of Figures holds follows from the order in which
// events arrive: so it is with metrics that ask what customers did before.
func Ordered(table string) bool {
	return slices.ContainsFunc(metric.Tables(), func(m *metric.Metric) bool {
		return m.Ordered && table == "valid_"+string(m.Table())
	})
}

// Selection says which rows are read. deadletters has no FINAL rows that differ
// by version alone, so all tables are read in the same way.
type Selection struct {
	tables []string
	except string
}

// Rows are rows by table, as text, sorted.
type Rows map[string][]string

// Read reads the rows that a demo left in dir.
func Read(ctx context.Context, dir string, s Selection) (Rows, error) {
	rows := make(Rows)
	err := open(dir, func(conn driver.Conn) error {
		for _, table := range s.tables {
			found, err := lines(ctx, conn, "SELECT toString(tuple("+s.columns(table)+")) AS row FROM "+newest(table)+" ORDER BY row")
			if err != nil {
				return fmt.Errorf("read table %s: %w", table, err)
			}
			rows[table] = found
		}

		return nil
	})

	return rows, err
}

// lines are the rows of a query for one text.
func lines(ctx context.Context, conn driver.Conn, query string) ([]string, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		found = append(found, line)
	}

	return found, rows.Err()
}

// Digest is a digest of the rows of one table.
type Digest struct {
	Table string `json:"table"`
	Rows  uint64 `json:"rows"`
	Hash  string `json:"hash"`
}

// Digests are digests of what Read would read, for tables too big to hold.
func Digests(ctx context.Context, dir string, s Selection) ([]Digest, error) {
	var digests []Digest
	err := open(dir, func(conn driver.Conn) error {
		for _, table := range s.tables {
			d := Digest{Table: table}
			// Rows have keys, so none is there twice, and none cancels another.
			query := "SELECT count(), hex(groupBitXor(reinterpretAsUInt128(sipHash128(tuple(" + s.columns(table) + "))))) FROM " + newest(table)
			if err := conn.QueryRow(ctx, query).Scan(&d.Rows, &d.Hash); err != nil {
				return fmt.Errorf("read table %s: %w", table, err)
			}
			digests = append(digests, d)
		}

		return nil
	})

	return digests, err
}

// newest is a table without the versions that a newer one replaces. Rollups are
// in two tables each, and a view brings them together.
func newest(table string) string {
	if strings.HasPrefix(table, "valid_") {
		return table
	}

	return table + " FINAL"
}

// columns are those of a table to compare. The order inside a map has no
// meaning and is not kept.
func (s Selection) columns(table string) string {
	columns := "* EXCEPT (" + s.except + ")"
	if table == "signals" {
		columns += " REPLACE (arrayMap(numbers -> mapSort(numbers), reason_numbers) AS reason_numbers)"
	}

	return columns
}

// open opens the tables in dir for as long as read reads.
func open(dir string, read func(driver.Conn) error) (err error) {
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: filepath.Join(dir, "clickhouse")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{server.Addr()}, Auth: clickhouse.Auth{Database: database},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()

	return read(conn)
}

// Differences says in which tables rows differ, with an example each.
func (r Rows) Differences(other Rows) []string {
	var differences []string
	for table, rows := range r {
		mine, theirs := without(rows, other[table]), without(other[table], rows)
		if len(mine)+len(theirs) > 0 {
			differences = append(differences, fmt.Sprintf("%s: %d of %d rows are not among the other's %d, such as %q; %d of those are not among these, such as %q",
				table, len(mine), len(rows), len(other[table]), first(mine), len(theirs), first(theirs)))
		}
	}
	slices.Sort(differences)

	return differences
}

// without are the rows that are not among the others, both sorted.
func without(rows, others []string) []string {
	var left []string
	for _, row := range rows {
		if _, found := slices.BinarySearch(others, row); !found {
			left = append(left, row)
		}
	}

	return left
}

func first(rows []string) []string { return rows[:min(len(rows), 3)] }
