package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// compareCohort compares the table of a cohort.
func compareCohort(
	ctx context.Context, conn driver.Conn, c *metric.Cohort, chunks []chunk, s *Settings, parameters map[string]string,
) (TableReport, error) {
	report := TableReport{Table: string(c.Table())}
	in, ever := s.inForce(c.Name)
	if !ever {
		in = " AND 0"
	}
	query, err := s.cohortQuery(c, in)
	if err != nil {
		return report, err
	}
	parameters = with(parameters, "most", fmt.Sprint(c.AtMost), "days", fmt.Sprint(c.Span))
	for _, chunk := range chunks {
		var part TableReport
		row := conn.QueryRow(settings(ctx, chunk.in(parameters)), query)
		if err := row.Scan(&part.Compared, &part.Missing, &part.Extra, &part.Different, &part.Examples); err != nil {
			return report, fmt.Errorf("verify: cohort %s: %w", c.Name, err)
		}
		add(&report, part)
	}

	return report, nil
}

// cohortQuery is the comparison of a cohort's table with its proof. What an item is
// follows from its events one by one, in the order in which they came: an event is of
// the item that is open, else of a new one, and begins it in place of the one that did
// where it has a lower rank, or the same and an earlier time. Then each item is counted
// by what all of its events say.
//
// The table is as of the last publishing: of the last row that was published, or as
// late as the clock says that there has been one.
//
// in is a condition that keeps the events of configurations under which it is on. That
// days are closed before their time for want of room is not derived.
func (s *Settings) cohortQuery(c *metric.Cohort, in string) (string, error) {
	proof, err := c.Proof()
	if err != nil {
		return "", err
	}
	rows := c.Rows()
	marks := make([]string, len(c.Marks))
	for i, name := range c.Marks {
		marks[i] = fmt.Sprintf("%s * %d", name, 1<<i)
	}
	shares := make([]string, len(c.Measures))
	for i, m := range c.Measures {
		shares[i] = fmt.Sprintf("(%d, %d, %d)", m.All, m.None, m.Any)
	}
	sums := make([]string, len(c.Measures))
	for i, name := range rows.Columns() {
		sums[i] = fmt.Sprintf("toInt64(sum(%s))", name)
	}

	return fmt.Sprintf(cohortSQL,
		c.Table(), strings.Join(rows.Dimensions(), ", "), strings.Join(marks, " + "), strings.TrimSpace(proof), metric.Other,
		dimensionsOf(rows), in, s.dayOf("e.time"), s.dayOf("k.clock"), strings.Join(shares, ", "), strings.Join(sums, ", "),
	), nil
}

// Dimensions and measures are arrays, as in metricQuery: ClickHouse takes as long for a
// name as what stands below it is long.
const cohortSQL = `
WITH
    {days:Int64} AS days,
    until AS
    (
        SELECT partition, max(sequence) AS until
        FROM
        (
            SELECT partition, (max(version) + 1) * 4096 AS sequence
            FROM %[1]s
            WHERE era = fromUnixTimestamp64Milli({era:Int64}, 'UTC')
            GROUP BY partition
            UNION ALL
            SELECT k.partition AS partition, max(k.sequence) + 1 AS sequence
            FROM verify_clocks AS k
            INNER JOIN verify_horizon AS h ON k.partition = h.partition
            INNER JOIN (SELECT partition, if(max(open), 86400000, 60000) AS step FROM verify_clocks GROUP BY partition) AS i ON k.partition = i.partition
            WHERE k.sequence <= h.sequence AND intDiv(k.clock, i.step) < intDiv(h.clock, i.step)
            GROUP BY k.partition
        )
        GROUP BY partition
    ),
    lived AS
    (
        SELECT
            partition, customer, item, came.1 AS sequence, came.4 AS day, came.6 AS marks, came.7 AS dims, then.1 AS life, then.2 AS begins
        FROM
        (
            SELECT
                partition, customer, item,
                arraySort(e -> e.1, groupArray((sequence, toInt64(rank), toInt64(time), day, today, marks, %[6]s))) AS events,
                arrayFold(
                    (acc, x) -> multiIf(
                        acc.1 = 0 OR x.5 - acc.4 > days, (acc.1 + 1, x.2, x.3, x.4, arrayPushBack(acc.5, (acc.1 + 1, 1))),
                        (x.2, x.3) < (acc.2, acc.3), (acc.1, x.2, x.3, x.4, arrayPushBack(acc.5, (acc.1, 1))),
                        (acc.1, acc.2, acc.3, acc.4, arrayPushBack(acc.5, (acc.1, 0)))),
                    events,
                    (toInt64(0), toInt64(0), toInt64(0), toInt64(0), CAST([], 'Array(Tuple(Int64, UInt8))'))).5 AS lives
            FROM
            (
                SELECT
                    e.partition AS partition, e.sequence AS sequence, e.time AS time, customer, item, rank, %[2]s, %[3]s AS marks,
                    %[8]s AS day, %[9]s AS today
                FROM
                (
                    SELECT *
                    FROM (%[4]s)
                    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}%[7]s
                ) AS e
                INNER JOIN verify_clocks AS k ON e.partition = k.partition AND e.sequence = k.sequence
                INNER JOIN until AS u ON e.partition = u.partition
                WHERE k.partition BETWEEN {low:UInt16} AND {high:UInt16}
                  AND e.sequence < u.until AND today - day <= days
            )
            GROUP BY partition, customer, item
        )
        ARRAY JOIN events AS came, lives AS then
    )
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR got != want)) AS different,
    groupArrayIf(5)(
        format('partition {}, day {}, {}: {}, want {}',
            toString(partition), toString(toDate32(day)), toString(dims), toString(got), toString(want)),
        wanted != found OR got != want) AS examples
FROM
(
    SELECT
        partition, day, dims, 1 AS wanted,
        sumForEach(arrayMap(s -> toInt64(bitAnd(marks, s.1) = s.1 AND bitAnd(marks, s.2) = 0 AND (s.3 = 0 OR bitAnd(marks, s.3) != 0)), [%[10]s])) AS want
    FROM
    (
        SELECT i.partition AS partition, i.day AS day, i.marks AS marks, if(p.place > {most:UInt64}, arrayMap(d -> '%[5]s', i.dims), i.dims) AS dims
        FROM
        (
            SELECT
                partition, customer, item, life, groupBitOr(marks) AS marks,
                argMax(day, begins * sequence) AS day, argMax(dims, begins * sequence) AS dims
            FROM lived
            GROUP BY partition, customer, item, life
        ) AS i
        LEFT JOIN
        (
            SELECT partition, day, dims, row_number() OVER (PARTITION BY partition, day ORDER BY min(sequence)) AS place
            FROM lived
            WHERE begins AND arrayExists(d -> d != '%[5]s', dims)
            GROUP BY partition, day, dims
        ) AS p ON i.partition = p.partition AND i.day = p.day AND i.dims = p.dims
    )
    GROUP BY partition, day, dims
    HAVING arrayExists(n -> n > 0, want)
) AS w
FULL OUTER JOIN
(
    SELECT partition, toInt64(toInt32(day)) AS day, %[6]s AS dims, count() AS found, [%[11]s] AS got
    FROM valid_%[1]s
    WHERE (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toInt64(toInt32(day)) * 86400000 >= {since:Int64}) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, day, dims
) AS g USING (partition, day, dims)`

// dayOf is the day of a time in ms, in the zone of the configuration in force at a
// record k.
func (s *Settings) dayOf(time string) string {
	all := s.all()
	var cases []string
	for i := range all {
		zone := all[i].Settings.Zone
		if zone == "" {
			zone = "UTC"
		}
		day := fmt.Sprintf("toInt64(toInt32(toDate32(fromUnixTimestamp64Milli(%s, '%s'))))", time, strings.ReplaceAll(zone, "'", ""))
		if i < len(all)-1 {
			cases = append(cases, fmt.Sprintf("k.config = %d", all[i].Version))
		}
		cases = append(cases, day)
	}
	if len(cases) == 1 {
		return cases[0]
	}

	return "multiIf(" + strings.Join(cases, ", ") + ")"
}
