package clickhouse

import (
	"fmt"
	"strings"

	"ebb/pipeline/metric"
)

// dailyStatements make the table of a metric whose rows are of days, its columns where
// the table is of an earlier version, and its views.
func dailyStatements(m *metric.Metric) []string {
	table := string(m.Table())
	columns, _ := metricColumnsDDL(m)
	var by string
	for _, name := range m.Dimensions() {
		by += ", " + name
	}
	statements := []string{fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s
(
    day       Date32 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    %s,
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    era       DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (day%s, partition, era)
SETTINGS non_replicated_deduplication_window = 100
COMMENT %s`, table, strings.Join(columns, ",\n    "), by, literal(m.Definition))}
	for _, c := range columns[len(m.By):] {
		statements = append(statements, fmt.Sprintf("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s", table, c))
	}

	return append(statements, validDailyView(m, by), dailyView(m, by))
}

// validDailyView is the rows that count: of a day that begins before a newer era does,
// those of both, because what was sent on it came to one of them. A row of a cohort from
// which all has moved to another counts nothing. A census says what there is at the end
// of its day, which a newer era covers that begins on it: so of each day it is that of
// the newest era that has counted the day, or one before it.
func validDailyView(m *metric.Metric, by string) string {
	some := "1"
	switch m.Family {
	case metric.Cohorts:
		some = "(" + strings.Join(m.Columns(), " > 0 OR ") + " > 0)"
	case metric.Counted:
		some = "NOT arrayExists(e -> e.1 > era AND e.2 <= day, (SELECT groupArray((era, began)) FROM (" + eraBegins(m) + ")))"
	}

	return fmt.Sprintf(`CREATE OR REPLACE VIEW valid_%[1]s AS
WITH (SELECT (max(era), groupArray((era, window, since))) FROM v_eras) AS covered
SELECT day%[2]s, partition, %[3]s, version, clock, era
FROM %[1]s FINAL
WHERE %[4]s AND
(
    era >= covered.1
    OR NOT arrayExists(e -> e.1 > era AND e.2 = '' AND e.3 <= toDateTime64(day, 3, 'UTC'), covered.2)
)`,
		m.Table(), by, strings.Join(m.Columns(), ", "), some)
}

// eraBegins is the first day that each era has counted. The first census has a row for
// every day where it is on.
func eraBegins(m *metric.Metric) string {
	days := "SELECT era, day FROM " + string(m.Table())
	if first := metric.Censuses()[0].Rows().Table(); first != m.Table() {
		days += " UNION ALL SELECT era, day FROM " + string(first)
	}

	return "SELECT era, min(day) AS began FROM (" + days + ") GROUP BY era"
}

// dailyView adds up the partitions and derives the figures, as metricView does. Where
// rows may still change, final says whether they can no more.
func dailyView(m *metric.Metric, by string) string {
	sums, figures := addedUp(m)
	var some []string // a row from which all has moved to another counts nothing
	for _, measure := range m.Measures {
		if !measure.Sum {
			some = append(some, measure.Name+" > 0")
		}
	}
	where := ""
	if m.Family == metric.Counted {
		where = countedByAll()
	}
	final := ""
	if m.Span > 0 {
		final = fmt.Sprintf(", (SELECT toDate32(clock) FROM v_clock) > day + %d AS final", m.Span)
	}

	return fmt.Sprintf(`CREATE OR REPLACE VIEW v_%[1]s AS
SELECT day%[2]s, %[3]s%[5]s%[8]s
FROM
(
    SELECT day%[2]s%[4]s
    FROM valid_%[6]s%[9]s
    GROUP BY day%[2]s
)
WHERE %[7]s`, m.Name, by, strings.Join(m.Columns(), ", "), sums, figures, m.Table(), strings.Join(some, " OR "), final, where)
}

// countedByAll takes the days that all partitions have counted: half of the customers
// would look like a loss. One whose first day is later had nobody before.
func countedByAll() string {
	return fmt.Sprintf(`
    WHERE clock <= (SELECT clock FROM v_clock) AND (day, era) IN
    (
        SELECT days.day, days.era
        FROM (SELECT day, era, uniqExact(partition) AS counted FROM valid_%[1]s WHERE clock <= (SELECT clock FROM v_clock) GROUP BY day, era) AS days
        INNER JOIN
        (
            SELECT era, groupArray(since) AS began
            FROM (SELECT era, partition, min(day) AS since FROM valid_%[1]s GROUP BY era, partition)
            GROUP BY era
        ) AS partitions ON days.era = partitions.era
        WHERE counted = arrayCount(since -> since <= days.day, began)
            AND (days.era != (SELECT max(era) FROM pipeline) OR length(began) = (SELECT partitions FROM v_clock))
    )`, metric.Censuses()[0].Rows().Table()) // which has a row for every day
}
