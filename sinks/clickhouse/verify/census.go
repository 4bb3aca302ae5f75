package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// deriveDays fills the scratch tables of censuses: which days each partition has
// counted, at which of its records, and what was known of every customer there. Days
// are those of the zone that was in force.
func deriveDays(ctx context.Context, conn driver.Conn, s *Settings, chunks []chunk, progress func(string)) error {
	for _, table := range []string{"calendar", "days", "active", "told", "places", "deeds", "people"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE verify_"+table); err != nil {
			return fmt.Errorf("verify: table verify_%s: %w", table, err)
		}
	}
	parameters := s.parameters()
	if !s.anyJoined {
		if err := steps(ctx, conn, parameters, chunks, progress, []step{{"lifetimes.sql", true}}); err != nil {
			return err
		}
	}
	for _, c := range s.all() {
		zone := c.Settings.Zone
		if zone == "" {
			zone = "UTC"
		}
		of := with(parameters, "config", strconv.FormatUint(c.Version, 10), "zone", zone)
		if err := steps(ctx, conn, of, chunks, progress, []step{{"calendar.sql", false}, {"days.sql", true}, {"active.sql", true}}); err != nil {
			return err
		}
	}

	return steps(ctx, conn, parameters, chunks, progress, []step{{"people.sql", true}})
}

// compareCensus compares the table of a census with its proof.
func compareCensus(
	ctx context.Context, conn driver.Conn, m *metric.Metric, chunks []chunk, s *Settings, parameters map[string]string,
) (TableReport, error) {
	report := TableReport{Table: string(m.Table())}
	query, err := censusQuery(m, s.versionsOf(m.Name))
	if err != nil {
		return report, err
	}
	known := "1"
	if slices.Contains(m.Dimensions(), "level") {
		if known, err = levelsKnown(ctx, conn); err != nil {
			return report, err
		}
	}
	parameters = with(parameters, "levels", known)
	for _, c := range chunks {
		var part TableReport
		row := conn.QueryRow(settings(ctx, c.in(parameters)), query)
		if err := row.Scan(&part.Compared, &part.Missing, &part.Extra, &part.Different, &part.Examples); err != nil {
			return report, fmt.Errorf("verify: census %s: %w", m.Name, err)
		}
		add(&report, part)
	}

	return report, nil
}

// levelsKnown says whether the levels of customers can be told from signals: 1 while the
// database keeps all of them, back to the first event. Where it does not, levels add up.
func levelsKnown(ctx context.Context, conn driver.Conn) (string, error) {
	var known uint8
	row := conn.QueryRow(ctx, `
SELECT toUInt8(ttl = 0 OR (SELECT min(time) FROM verify_accepted) >= toUnixTimestamp64Milli(now64(3)) - 1000 * ttl)
FROM
(
    SELECT toInt64OrZero(extract(engine_full, 'TTL at \\+ toIntervalSecond\\((\\d+)\\)')) AS ttl
    FROM system.tables
    WHERE database = currentDatabase() AND name = 'signals'
)`)
	if err := row.Scan(&known); err != nil {
		return "", fmt.Errorf("verify: how long signals are kept: %w", err)
	}

	return strconv.Itoa(int(known)), nil
}

// censusQuery is the comparison: what the proof says of single customers adds up by
// day, and the rows say at which record and clock they were counted. Days are those of
// the configurations under which it is on. Of what follows from the model as well, the
// proof knows the most that it can be.
func censusQuery(m *metric.Metric, on []string) (string, error) {
	proof, err := m.Proof()
	if err != nil {
		return "", err
	}
	by := m.Dimensions()
	measures, levels := m.Columns(), replaced(m)
	single := "if({levels:UInt8} = 1, count(), 1)"
	if slices.ContainsFunc(by, func(name string) bool { return slices.Contains(m.Modelled, name) }) {
		single = "1" // several rows are one here
	}
	modelled := []string{"0", "0"} // neither which record counted, nor its clock
	sums := make([]string, len(measures))
	for i, name := range measures {
		sums[i] = "sum(toInt128(" + name + "))"
		if slices.Contains(m.Modelled, name) {
			modelled = append(modelled, "1")
		} else {
			modelled = append(modelled, "0")
		}
	}

	return fmt.Sprintf(`
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR wrong)) AS different,
    groupArrayIf(5)(
        format('partition {}, day {}, {}: {}, want {}',
            toString(partition), toString(toDate32(day)), toString(dimensions), toString(got), toString(want)),
        wanted != found OR wrong) AS examples
FROM
(
    SELECT
        partition, day, dimensions, wanted, found, want, got, [%[1]s] AS modelled,
        arrayExists((w, g, m) -> if(m, g < 0 OR g > w, g != w), arrayResize(want, length(modelled)), arrayResize(got, length(modelled)), modelled) AS wrong
    FROM
    (
        SELECT d.partition AS partition, d.day AS day, p.dimensions AS dimensions, 1 AS wanted,
            arrayConcat([toInt128(intDiv(d.sequence, 4096)), toInt128(d.clock)], p.counted) AS want
        FROM
        (
            SELECT partition, day, %[2]s AS dimensions, [%[3]s] AS counted
            FROM (SELECT *%[4]s FROM (%[5]s))
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
            GROUP BY partition, day, dimensions
        ) AS p
        INNER JOIN (SELECT * FROM verify_days WHERE config IN (%[6]s)) AS d ON p.partition = d.partition AND p.day = d.day
    ) AS w
    FULL OUTER JOIN
    (
        SELECT partition, toInt32(day) AS day, %[2]s AS dimensions, %[7]s AS found,
            arrayConcat([toInt128(max(version)), toInt128(max(toUnixTimestamp64Milli(clock)))], [%[3]s]) AS got
        FROM (SELECT *%[4]s FROM valid_%[8]s)
        WHERE (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR 86400000 * toInt64(toInt32(day)) >= {since:Int64} OR toInt32(day) IN (SELECT day FROM verify_days)) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
        GROUP BY partition, day, dimensions
    ) AS g USING (partition, day, dimensions)
)`,
		strings.Join(modelled, ", "), dimensionsOf(m), strings.Join(sums, ", "), levels, strings.TrimSpace(proof),
		cmp.Or(strings.Join(on, ", "), "NULL"), single, m.Table(),
	), nil
}

// replaced are dimensions that are left out on both sides, so that their rows add up:
// levels where they are not known, and what follows from the model.
func replaced(m *metric.Metric) string {
	var out []string
	for _, name := range m.Dimensions() {
		switch {
		case slices.Contains(m.Modelled, name):
			out = append(out, "'' AS "+name)
		case name == "level":
			out = append(out, "if({levels:UInt8} = 1, toString(level), '') AS level")
		}
	}
	if len(out) == 0 {
		return ""
	}

	return " REPLACE (" + strings.Join(out, ", ") + ")"
}
