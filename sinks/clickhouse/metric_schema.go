package clickhouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// The tables and views of metrics follow from their declarations, so a new metric is
// a new table at the next start. Names are those of the registry: letters and
// underscores, which a test holds.

// createMetrics is the table that says which metrics have tables.
const createMetrics = `CREATE TABLE IF NOT EXISTS ebb_metrics
(
    name       String,
    checksum   String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY name
COMMENT 'Metrics whose tables were made'`

// makeMetrics makes the tables and views of metrics that are new or have changed. New
// tables have their time to live at once: to set it later takes as long as to make
// them.
func makeMetrics(ctx context.Context, conn driver.Conn, all []*metric.Metric, ttl TTL) error {
	if err := conn.Exec(ctx, createMetrics); err != nil {
		return fmt.Errorf("clickhouse: create table ebb_metrics: %w", err)
	}
	made, err := madeMetrics(ctx, conn)
	if err != nil {
		return err
	}
	var names, checksums []string
	for _, next := range metricMigrations(all) {
		switch made[next.name] {
		case next.checksum:
			continue
		case "": // its tables get their columns when they are made
			next.statements = anew(next.statements, ttl)
		}
		if err := run(ctx, conn, next); err != nil {
			return err
		}
		names, checksums = append(names, next.name), append(checksums, next.checksum)
	}
	if len(names) == 0 {
		return nil
	}
	if err := conn.Exec(ctx, "INSERT INTO ebb_metrics (name, checksum) SELECT made.1, made.2 FROM (SELECT arrayJoin(arrayZip(?, ?)) AS made)", names, checksums); err != nil {
		return fmt.Errorf("clickhouse: note metrics as made: %w", err)
	}

	return nil
}

// anew are the statements of a metric for a database that has nothing of it.
func anew(statements []string, ttl TTL) []string {
	rows, series := ttl.windows()
	var out []string
	for _, statement := range statements {
		switch {
		case strings.HasPrefix(statement, "ALTER TABLE"):
			continue
		case strings.HasPrefix(statement, "CREATE TABLE"):
			clauses := rows
			switch {
			case strings.HasSuffix(createsTable.FindStringSubmatch(statement)[1], "_series"):
				clauses = series
			case strings.Contains(statement, "ORDER BY (day"):
				clauses = ttl.days()
			}
			if len(clauses) > 0 {
				statement = strings.Replace(statement, "\nSETTINGS ", "\nTTL "+strings.Join(clauses, ", ")+"\nSETTINGS ", 1)
			}
		}
		out = append(out, statement)
	}

	return out
}

// madeMetrics are the checksums by name.
func madeMetrics(ctx context.Context, conn driver.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT name, checksum FROM ebb_metrics FINAL")
	if err != nil {
		return nil, fmt.Errorf("clickhouse: read table ebb_metrics: %w", err)
	}
	defer rows.Close()
	made := make(map[string]string)
	for rows.Next() {
		var name, checksum string
		if err := rows.Scan(&name, &checksum); err != nil {
			return nil, fmt.Errorf("clickhouse: read table ebb_metrics: %w", err)
		}
		made[name] = checksum
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("clickhouse: read table ebb_metrics: %w", err)
	}

	return made, nil
}

// metricMigrations are the statements of each metric, named as it is.
func metricMigrations(all []*metric.Metric) []migration {
	out := make([]migration, len(all))
	for i, m := range all {
		statements := metricStatements(m)
		if m.Daily() {
			statements = dailyStatements(m)
		}
		sum := sha256.Sum256([]byte(strings.Join(statements, ";\n")))
		out[i] = migration{name: m.Name, checksum: hex.EncodeToString(sum[:]), statements: statements}
	}

	return out
}

// metricStatements make the two tables of a metric, its columns where the tables are
// of an earlier version, and its views.
func metricStatements(m *metric.Metric) []string {
	table := string(m.Table())
	dimensions := m.Dimensions()
	by := func(format string) string { // for each dimension
		var b strings.Builder
		for _, name := range dimensions {
			fmt.Fprintf(&b, format, name)
		}

		return b.String()
	}
	columns, series := metricColumnsDDL(m)

	statements := []string{
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s
(
    window     LowCardinality(String),
    window_end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    partition  UInt16,
    %s,
    version    UInt64 CODEC(Delta, ZSTD(1)),
    clock      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    era        DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(window_end)
ORDER BY (window, window_end%s, partition, era)
SETTINGS non_replicated_deduplication_window = 100
COMMENT %s`, table, strings.Join(columns, ",\n    "), by(", %s"), literal(m.Definition)),
		fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s_series
(
    window    LowCardinality(String),
    day       Date32 CODEC(Delta, ZSTD(1)),
    first_end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    last_end  DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    slide     UInt64 COMMENT 'ms' CODEC(ZSTD(1)),
    partition UInt16,
    era       DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)),
    steps     Array(UInt64) COMMENT 'slides from one row to the next, by row' CODEC(ZSTD(1)),
    %s,
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (window, day%s, partition, era, version, first_end)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 512
COMMENT %s`, table, strings.Join(series, ",\n    "), by(", %s"), literal("History of "+table)),
	}
	for _, c := range columns[len(m.By):] {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s", table, c))
	}
	for _, c := range series[len(m.By):] {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s_series ADD COLUMN IF NOT EXISTS %s", table, c))
	}

	return append(statements, validView(m, by), metricView(m, by))
}

// metricColumnsDDL are the columns of a metric in its table and in that of its series.
func metricColumnsDDL(m *metric.Metric) (columns, series []string) {
	for _, d := range m.By {
		column := fmt.Sprintf("%s LowCardinality(String) COMMENT %s", d.Name, literal(d.Definition))
		columns, series = append(columns, column), append(series, column)
	}
	for _, measure := range m.Measures {
		plain, packed := "UInt64", "Array(UInt64)"
		comment := measure.Definition
		if measure.Sum {
			plain, packed = "Int128", "Array(Int128)"
			comment += ", in millionths"
		}
		columns = append(columns, fmt.Sprintf("%s %s COMMENT %s CODEC(ZSTD(1))", measure.Name, plain, literal(comment)))
		series = append(series, fmt.Sprintf("%s %s COMMENT %s CODEC(ZSTD(1))", measure.Name, packed, literal(comment+", by row; empty where all are 0")))
	}

	return columns, series
}

// validView is the rows that count, as those of 0030_sooner.sql.
func validView(m *metric.Metric, by func(string) string) string {
	table := string(m.Table())
	names := strings.Join(m.Columns(), ", ")
	var unfolded, arrays strings.Builder
	for i, name := range m.Columns() {
		fmt.Fprintf(&unfolded, ", x%d AS %s", i, name)
		fmt.Fprintf(&arrays, ", arrayResize(s.%s, length(s.steps)) AS x%d", name, i)
	}

	return fmt.Sprintf(`CREATE OR REPLACE VIEW valid_%[1]s AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT window, window_end%[2]s, partition, %[3]s, version, clock, era, day
FROM
(
    SELECT window, window_end%[2]s, partition, %[3]s, version, clock, era, toDate32(window_end) AS day
    FROM %[1]s FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end%[2]s, partition%[4]s, version, clock, era, day
    FROM %[1]s_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step%[5]s
    WHERE cityHash64(window, window_end%[2]s, partition, era) NOT IN
    (
        WITH (SELECT (min(day), max(day)) FROM %[1]s_series) AS days
        SELECT cityHash64(window, window_end%[2]s, partition, era)
        FROM %[1]s
        WHERE window_end >= toDateTime64(days.1, 3, 'UTC') AND window_end < addDays(toDateTime64(days.2, 3, 'UTC'), 1)
    )
)
WHERE era >= covered.1
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, covered.2)`,
		table, by(", %s"), names, unfolded.String(), arrays.String())
}

// metricView adds up the partitions and derives the figures. A sum stands in its
// unit, and a rate of too few cases is NULL.
func metricView(m *metric.Metric, by func(string) string) string {
	sums, figures := addedUp(m)

	return fmt.Sprintf(`CREATE OR REPLACE VIEW v_%[1]s AS
SELECT window, window_end%[2]s, %[3]s%[5]s, day
FROM
(
    SELECT window, window_end%[2]s%[4]s, day
    FROM valid_%[6]s
    WHERE window_end <= (SELECT clock FROM v_clock)
    GROUP BY window, window_end%[2]s, day
)`, m.Name, by(", %s"), strings.Join(m.Columns(), ", "), sums, figures, m.Table())
}

// addedUp are the measures of a view's row, added up, and the figures that follow.
func addedUp(m *metric.Metric) (added, derived string) {
	var sums, figures strings.Builder
	for _, measure := range m.Measures {
		if measure.Sum {
			fmt.Fprintf(&sums, ", toDecimal256(sum(%[1]s), 6) / 1000000 AS %[1]s", measure.Name)
		} else {
			fmt.Fprintf(&sums, ", sum(%[1]s) AS %[1]s", measure.Name)
		}
	}
	for _, f := range m.Figures {
		formula := f.SQL
		if f.Cases != "" {
			formula = fmt.Sprintf("if(%s >= %d, %s, NULL)", f.Cases, max(f.Least, 1), f.SQL)
		}
		fmt.Fprintf(&figures, ", %s AS %s", formula, f.Name)
	}

	return sums.String(), figures.String()
}

// literal is a text of the registry in SQL.
func literal(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
