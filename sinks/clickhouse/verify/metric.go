package verify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// compareMetrics compares the tables of metrics. What the proof of each says of single
// events is read once, and added up by slices that all windows are made of. A metric
// of which neither the proof nor the table has a row costs no more than that.
func compareMetrics(
	ctx context.Context, conn driver.Conn, all []*metric.Metric, chunks []chunk, bounds *limits, s *Settings, covered covered, progress func(string),
) ([]TableReport, error) {
	if err := conn.Exec(ctx, "TRUNCATE TABLE verify_measured"); err != nil {
		return nil, fmt.Errorf("verify: table verify_measured: %w", err)
	}
	for _, m := range all {
		m.Ordered = s.follows(m)
		progress("proof of " + string(m.Table()))
		if err := measure(ctx, conn, m, chunks, s); err != nil {
			return nil, err
		}
	}
	measured, err := rowsOf(ctx, conn, "SELECT metric, partition, count() FROM verify_measured GROUP BY metric, partition")
	if err != nil {
		return nil, err
	}
	if bounds.full, err = fullOf(ctx, conn, all, s); err != nil {
		return nil, err
	}
	held, err := heldBy(ctx, conn)
	if err != nil {
		return nil, err
	}

	var reports []TableReport
	for _, m := range all {
		table := string(m.Table())
		found := s.reportsOf(table)
		if len(measured[m.Name]) > 0 || held.any(table) {
			progress(table)
			if err := compareMetric(ctx, conn, m, bounds.chunksOf(m, chunks), measured[m.Name], s, covered, found); err != nil {
				return nil, err
			}
		}
		reports = append(reports, found...)
	}

	return reports, nil
}

// held are the tables of the database that have rows, of whatever era.
type held map[string]map[uint16]uint64

func heldBy(ctx context.Context, conn driver.Conn) (held, error) {
	return rowsOf(ctx, conn, `SELECT name, toUInt16(0), ifNull(total_rows, 1)
FROM system.tables
WHERE database = currentDatabase() AND ifNull(total_rows, 1) > 0`)
}

// any says whether a table of a metric, or that of its history, has rows.
func (h held) any(table string) bool { return len(h[table])+len(h[table+"_series"]) > 0 }

// reportsOf are those of a table by windows, of which nothing is found yet.
func (s *Settings) reportsOf(table string) []TableReport {
	reports := make([]TableReport, len(s.Windows))
	for i, w := range s.Windows {
		reports[i] = TableReport{Table: table, Window: w.Name}
	}

	return reports
}

// rowsOf reads how many rows there are by name and partition.
func rowsOf(ctx context.Context, conn driver.Conn, query string) (map[string]map[uint16]uint64, error) {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("verify: rows of metrics: %w", err)
	}
	defer rows.Close()
	found := make(map[string]map[uint16]uint64)
	for rows.Next() {
		var name string
		var partition uint16
		var count uint64
		if err := rows.Scan(&name, &partition, &count); err != nil {
			return nil, fmt.Errorf("verify: rows of metrics: %w", err)
		}
		if found[name] == nil {
			found[name] = make(map[uint16]uint64)
		}
		found[name][partition] = count
	}

	return found, rows.Err()
}

// measure adds up by slice what the proof of a metric says.
func measure(ctx context.Context, conn driver.Conn, m *metric.Metric, chunks []chunk, s *Settings) error {
	proof, err := proofOf(m)
	if err != nil {
		return err
	}
	sums := make([]string, len(m.Measures))
	for i, name := range m.Columns() {
		sums[i] = "sum(toInt128(" + name + "))"
	}
	in, ever := s.inForce(m.Name)
	if !ever {
		return nil
	}
	query := fmt.Sprintf(`
INSERT INTO verify_measured (metric, partition, slice, dimensions, first, measures)
SELECT {metric:String}, partition, intDiv(time, {slice:Int64}) * {slice:Int64} AS slice, %s AS dimensions, min(sequence), [%s]
FROM (%s)
WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}%s%s
GROUP BY partition, slice, dimensions`,
		dimensionsOf(m), strings.Join(sums, ", "), s.sinceKept(m, strings.TrimSpace(proof)), in, s.without(m))
	for _, c := range chunks {
		parameters := c.in(with(s.parameters(), "metric", m.Name, "slice", strconv.FormatInt(s.finest(), 10)))
		if err := conn.Exec(settings(ctx, parameters), query); err != nil {
			return fmt.Errorf("verify: proof of metric %s: %w", m.Name, err)
		}
	}

	return nil
}

// versionsOf are the configurations under which a metric is on.
func (s *Settings) versionsOf(name string) (on []string) {
	all := s.all()
	for i := range all {
		if slices.Contains(all[i].Settings.Metrics, name) {
			on = append(on, strconv.FormatUint(all[i].Version, 10))
		}
	}

	return on
}

// inForce is a condition that keeps the events of configurations under which a metric
// is on: "" for all of them. It is false where the metric never was.
func (s *Settings) inForce(name string) (condition string, ever bool) {
	if name == metric.Custom().Name || name == metric.Cuts().Name {
		return "", true // what is declared when is in what deriveRollups finds
	}
	on := s.versionsOf(name)
	if len(on) == len(s.all()) || len(on) == 0 {
		return "", len(on) > 0
	}

	return `
  AND (partition, sequence) IN
  (
      SELECT partition, sequence
      FROM verify_accepted
      WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND config IN (` + strings.Join(on, ", ") + `)
  )`, true
}

// sinceKept lets the proof of a metric begin where the columns begin that it reads, which
// is anew with every configuration that brings them: as if the customers did.
func (s *Settings) sinceKept(m *metric.Metric, proof string) string {
	ever := true
	for _, c := range s.all() {
		for _, column := range m.Reads {
			ever = ever && c.Settings.keeps(column)
		}
	}
	if ever {
		return proof
	}

	for _, table := range []string{"verify_accepted", "verify_traced"} {
		proof = strings.ReplaceAll(proof, "FROM "+table, `FROM
(
    SELECT a.* REPLACE ((a.life, k.since) AS life)
    FROM `+table+` AS a
    INNER JOIN (SELECT partition, config, since FROM verify_kept WHERE column = '`+m.Reads[0]+`') AS k ON a.partition = k.partition AND a.config = k.config
)`)
	}

	return proof
}

// kept are the columns that the metrics that are on and the rollups read.
func (s *Settings) kept() []*metric.StateColumn {
	var rollups []metric.Rollup
	for i := range s.Rollups {
		rollups = append(rollups, *s.Rollups[i].declared())
	}

	return metric.Kept(s.Metrics, rollups)
}

// keeps says whether some metric that is on, or some rollup, reads a column.
func (s *Settings) keeps(column string) bool {
	return slices.ContainsFunc(s.kept(), func(c *metric.StateColumn) bool { return c.Name == column })
}

// dimensionsOf is a list of what the dimensions of a row say, in SQL.
func dimensionsOf(m *metric.Metric) string {
	names := make([]string, len(m.By))
	for i, name := range m.Dimensions() {
		names[i] = "toString(" + name + ")"
	}

	return "CAST([" + strings.Join(names, ", ") + "], 'Array(String)')"
}

// finest is the length of the slices that all windows are made of, in ms.
func (s *Settings) finest() int64 {
	var finest int64
	for _, w := range s.Windows {
		for a := w.Slide.Milliseconds(); a != 0; {
			finest, a = a, finest%a
		}
	}

	return finest
}

// atOnce is how many events, or rows of verify_measured, are spread over the windows of all
// lengths by one statement; of more each length has its own, which bounds the memory.
const atOnce = 20_000

// compareMetric compares all window lengths of a metric. measured are the rows of its
// proof by partition; what differs is added to reports, which are by window.
func compareMetric(
	ctx context.Context, conn driver.Conn, m *metric.Metric, chunks []chunk, measured map[uint16]uint64,
	s *Settings, covered covered, reports []TableReport,
) error {
	query := metricQuery(m, s.without(m))
	parameters := with(s.parameters(), "metric", m.Name, "most", strconv.Itoa(m.AtMost))
	if err := compareLengths(ctx, conn, query, parameters, chunks, measured, s, covered, reports); err != nil {
		return fmt.Errorf("verify: metric %s: %w", m.Name, err)
	}

	return nil
}

// compareLengths compares all lengths of a table by windows, those of a few rows at once.
func compareLengths(
	ctx context.Context, conn driver.Conn, query string, parameters map[string]string, chunks []chunk, rows map[uint16]uint64,
	s *Settings, covered covered, reports []TableReport,
) error {
	for _, c := range chunks {
		var held uint64
		for partition, n := range rows {
			if c.low <= int(partition) && int(partition) <= c.high {
				held += n
			}
		}
		step := len(s.Windows)
		if held > atOnce {
			step = 1
		}
		for windows := range slices.Chunk(s.Windows, step) {
			if err := compareWindows(ctx, conn, query, c.in(with(parameters, "windows", windowsText(windows, covered))), reports); err != nil {
				return err
			}
		}
	}

	return nil
}

// windowsText is a parameter that holds lengths: name, length and slide in ms, and
// from which end on an era covers them.
func windowsText(windows []Window, covered covered) string {
	out := make([]string, len(windows))
	for i, w := range windows {
		out[i] = fmt.Sprintf("('%s',%s,%s,%s)", w.Name, milliseconds(w.Size), milliseconds(w.Slide), covered.since(w.Name))
	}

	return "[" + strings.Join(out, ",") + "]"
}

// compareWindows adds what a comparison finds to the reports of its windows.
func compareWindows(ctx context.Context, conn driver.Conn, query string, parameters map[string]string, reports []TableReport) error {
	rows, err := conn.Query(settings(ctx, parameters), query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var part TableReport
		if err := rows.Scan(&part.Window, &part.Compared, &part.Missing, &part.Extra, &part.Different, &part.Examples); err != nil {
			return err
		}
		at := slices.IndexFunc(reports, func(r TableReport) bool { return r.Window == part.Window })
		if at < 0 {
			return fmt.Errorf("rows of a window %q, which there is none of", part.Window)
		}
		add(&reports[at], part)
	}

	return rows.Err()
}

// metricQuery is the comparison, of rows on a condition, of a metric's table with what its proof says, as
// total.sql makes it by hand: each slice goes into all windows that cover it, and as a
// row without an event into the one behind them. Names are those of the registry.
//
// Of the dimensions so many stay apart as the metric says, in the order in which
// they come first in their partition; the others are `other`.
func metricQuery(m *metric.Metric, condition string) string {
	others := make([]string, len(m.By))
	for i := range others {
		others[i] = "'" + metric.Other + "'"
	}
	got := make([]string, len(m.Measures))
	for i, name := range m.Columns() {
		got[i] = "sum(toInt128(" + name + "))"
	}

	return fmt.Sprintf(`
WITH {windows:Array(Tuple(String, Int64, Int64, Int64))} AS windows
SELECT
    window,
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR got != want)) AS different,
    groupArrayIf(5)(
        format('partition {}, end {}, {}: {}, want {}',
            toString(partition), toString(fromUnixTimestamp64Milli(end, 'UTC')), toString(dimensions), toString(got), toString(want)),
        wanted != found OR got != want) AS examples
FROM
(
    SELECT window, partition, end, dimensions, 1 AS wanted, sumForEach(arrayMap(n -> if(inside, n, 0), measures)) AS want
    FROM
    (
        SELECT window, partition, dimensions, measures, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT w.1 AS window, w.2 AS size, w.3 AS slide, partition, dimensions, intDiv(slice, slide) * slide AS slice, sumForEach(measures) AS measures
            FROM
            (
                SELECT e.partition AS partition, e.slice AS slice, if(p.place > {most:UInt64}, %[1]s, e.dimensions) AS dimensions, e.measures AS measures
                FROM verify_measured AS e
                INNER JOIN
                (
                    SELECT partition, dimensions, row_number() OVER (PARTITION BY partition ORDER BY min(first)) AS place
                    FROM verify_measured
                    WHERE metric = {metric:String} AND partition BETWEEN {low:UInt16} AND {high:UInt16}
                    GROUP BY partition, dimensions
                ) AS p USING (partition, dimensions)
                WHERE e.metric = {metric:String} AND e.partition BETWEEN {low:UInt16} AND {high:UInt16}
            )
            ARRAY JOIN windows AS w
            GROUP BY window, size, slide, partition, dimensions, slice
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends AS h USING (partition)
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2[window]
    GROUP BY window, partition, end, dimensions
) AS wanted
FULL OUTER JOIN
(
    SELECT toString(window) AS window, partition, toUnixTimestamp64Milli(window_end) AS end, %[2]s AS dimensions, count() AS found, [%[3]s] AS got
    FROM valid_%[4]s
    WHERE window IN (arrayMap(w -> w.1, windows))
      AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= arrayFirst(w -> w.1 = window, windows).4)
      AND partition BETWEEN {low:UInt16} AND {high:UInt16}%[5]s
    GROUP BY window, partition, end, dimensions
) AS got USING (window, partition, end, dimensions)
GROUP BY window`,
		"CAST(["+strings.Join(others, ", ")+"], 'Array(String)')", dimensionsOf(m), strings.Join(got, ", "), m.Table(), condition)
}
