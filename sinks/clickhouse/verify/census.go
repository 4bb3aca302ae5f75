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
	for _, table := range []string{"calendar", "days", "lifetimes", "active", "told", "places", "deeds", "people"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE verify_"+table); err != nil {
			return fmt.Errorf("verify: table verify_%s: %w", table, err)
		}
	}
	parameters := s.parameters()
	if err := steps(ctx, conn, parameters, chunks, progress, []step{{"heard.sql", false}, {"lifetimes.sql", true}}); err != nil {
		return err
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
// the configurations under which it is on.
func censusQuery(m *metric.Metric, on []string) (string, error) {
	proof, err := m.Proof()
	if err != nil {
		return "", err
	}
	by := m.Dimensions()
	each := func(format string) string { return listed(by, format, "") }
	measures, levels := m.Columns(), replaced(m)
	single := "if({levels:UInt8} = 1, count(), 1)"
	if slices.ContainsFunc(by, func(name string) bool { return slices.Contains(m.Modelled, name) }) {
		single = "1" // several rows are one here
	}
	wrong := []string{"want_version != got_version", "want_clock != got_clock"}
	for _, name := range measures {
		if slices.Contains(m.Modelled, name) {
			wrong = append(wrong, fmt.Sprintf("got_%[1]s < 0 OR got_%[1]s > want_%[1]s", name))
		} else {
			wrong = append(wrong, fmt.Sprintf("want_%[1]s != got_%[1]s", name))
		}
	}

	return fmt.Sprintf(`
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR %[1]s)) AS different,
    groupArrayIf(5)(
        format('partition {}, day {}, {}: {}, want {}',
            toString(partition), toString(toDate32(day)), toString(tuple(%[2]s)),
            toString(tuple(%[3]s)), toString(tuple(%[4]s))),
        wanted != found OR %[1]s) AS examples
FROM
(
    SELECT d.partition AS partition, d.day AS day%[5]s, 1 AS wanted, intDiv(d.sequence, 4096) AS want_version, d.clock AS want_clock, %[6]s
    FROM
    (
        SELECT partition, day%[5]s, %[7]s
        FROM (SELECT *%[12]s FROM (%[8]s))
        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        GROUP BY partition, day%[5]s
    ) AS p
    INNER JOIN (SELECT * FROM verify_days WHERE config IN (%[11]s)) AS d ON p.partition = d.partition AND p.day = d.day
) AS w
FULL OUTER JOIN
(
    SELECT partition, toInt32(day) AS day%[5]s, %[13]s AS found, max(version) AS got_version, max(toUnixTimestamp64Milli(clock)) AS got_clock, %[9]s
    FROM (SELECT *%[12]s FROM valid_%[10]s)
    WHERE (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR 86400000 * toInt64(toInt32(day)) >= {since:Int64} OR toInt32(day) IN (SELECT day FROM verify_days)) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, day%[5]s
) AS g USING (partition, day%[5]s)`,
		strings.Join(wrong, " OR "),
		listed(append([]string{"''"}, by...), "toString(%s)", ", "),
		listed(append([]string{"version", "clock"}, measures...), "toString(got_%s)", ", "),
		listed(append([]string{"version", "clock"}, measures...), "toString(want_%s)", ", "),
		each(", %s"),
		listed(measures, "p.%[1]s AS want_%[1]s", ", "),
		listed(measures, "sum(toInt128(%[1]s)) AS %[1]s", ", "),
		strings.TrimSpace(proof),
		listed(measures, "sum(toInt128(%[1]s)) AS got_%[1]s", ", "),
		m.Table(),
		cmp.Or(strings.Join(on, ", "), "NULL"),
		levels,
		single,
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

// listed writes each name in a format.
func listed(names []string, format, separator string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = fmt.Sprintf(format, name)
	}

	return strings.Join(out, separator)
}
