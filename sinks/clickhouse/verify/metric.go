package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// compareMetric compares one window length of a metric.
func compareMetric(
	ctx context.Context, conn driver.Conn, m *metric.Metric, w Window, chunks []chunk, parameters map[string]string,
) (TableReport, error) {
	report := TableReport{Table: string(m.Table()), Window: w.Name}
	query, err := metricQuery(m)
	if err != nil {
		return report, err
	}
	parameters = with(parameters, "window", w.Name, "size", milliseconds(w.Size), "slide", milliseconds(w.Slide), "most", fmt.Sprint(m.AtMost))
	for _, c := range chunks {
		var part TableReport
		row := conn.QueryRow(settings(ctx, c.in(parameters)), query)
		if err := row.Scan(&part.Compared, &part.Missing, &part.Extra, &part.Different, &part.Examples); err != nil {
			return report, fmt.Errorf("verify: metric %s: %w", m.Name, err)
		}
		add(&report, part)
	}

	return report, nil
}

// metricQuery is the comparison of a metric's table with its proof, as total.sql
// makes it by hand: what the proof says of single events is added up by slice, and
// each slice goes into all windows that cover it, and as a row without an event into
// the one behind them. Names are those of the registry.
//
// Of the dimensions so many stay apart as the metric says, in the order in which
// they come first in their partition; the others are `other`.
func metricQuery(m *metric.Metric) (string, error) {
	proof, err := proofOf(m)
	if err != nil {
		return "", err
	}
	list := func(names []string, format, separator string) string {
		out := make([]string, len(names))
		for i, name := range names {
			out[i] = fmt.Sprintf(format, name)
		}

		return strings.Join(out, separator)
	}
	by, measures := m.Dimensions(), m.Columns()
	each := func(format string) string { return list(by, format, "") }

	return fmt.Sprintf(`
WITH
    {size:Int64} AS size,
    {slide:Int64} AS slide
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR %[1]s)) AS different,
    groupArrayIf(5)(
        format('partition {}, end {}, {}: {}, want {}',
            toString(partition), toString(fromUnixTimestamp64Milli(end, 'UTC')), toString(tuple(%[2]s)),
            toString(tuple(%[3]s)), toString(tuple(%[4]s))),
        wanted != found OR %[1]s) AS examples
FROM
(
    SELECT partition, end%[5]s, 1 AS wanted, %[6]s
    FROM
    (
        SELECT partition%[5]s, %[7]s, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT partition%[8]s, intDiv(time, slide) * slide AS slice, %[9]s
            FROM
            (
                SELECT events.*, place > {most:UInt64} AS beyond
                FROM (%[10]s) AS events
                INNER JOIN
                (
                    SELECT partition%[5]s, row_number() OVER (PARTITION BY partition ORDER BY min(sequence)) AS place
                    FROM (%[10]s)
                    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
                    GROUP BY partition%[5]s
                ) AS places USING (partition%[5]s)
                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
            )
            GROUP BY partition%[5]s, slice
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends(window = {window:String}) AS h ON touched.partition = h.partition
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2
    GROUP BY partition, end%[5]s
) AS w
FULL OUTER JOIN
(
    SELECT partition, toUnixTimestamp64Milli(window_end) AS end%[5]s, count() AS found, %[11]s
    FROM valid_%[12]s
    WHERE window = {window:String} AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= {since:Int64}) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, end%[5]s
) AS g USING (partition, end%[5]s)`,
		list(measures, "want_%[1]s != got_%[1]s", " OR "),
		list(by, "toString(%s)", ", "),
		list(measures, "toString(got_%s)", ", "),
		list(measures, "toString(want_%s)", ", "),
		each(", %s"),
		list(measures, "sumIf(%[1]s, inside) AS want_%[1]s", ", "),
		strings.Join(measures, ", "),
		each(", if(beyond, '"+metric.Other+"', %[1]s) AS %[1]s"),
		list(measures, "sum(toInt128(%[1]s)) AS %[1]s", ", "),
		strings.TrimSpace(proof),
		list(measures, "sum(toInt128(%[1]s)) AS got_%[1]s", ", "),
		m.Table(),
	), nil
}
