package dashboards

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/sinks/clickhouse/clickhousetest"
)

// A figure is compared with the one that held at the beginning of the range; where there was
// none, the query says so.
func TestFiguresAreComparedWithTheBeginningOfTheRange(t *testing.T) {
	conn := clickhousetest.Migrated(t).Open(t)
	const rows = "SELECT d.1 AS time, d.2 AS name, CAST(d.3 AS Nullable(Int64)) AS n FROM (SELECT arrayJoin([%s]) AS d)"
	at := func(hour string) string { return "toDateTime('2024-05-01 " + hour + ":00:00', 'UTC')" }
	row := func(hour, name, value string) string {
		return "(" + at(hour) + ", '" + name + "', toNullable(" + value + "))"
	}
	data := strings.ReplaceAll(rows, "%s", strings.Join([]string{
		row("10", "rose", "20"), row("11", "rose", "900"), row("12", "rose", "25"),
		row("10", "fell", "-4"), row("12", "fell", "-5"),
		row("10", "held", "7"), row("12", "held", "7"),
		row("11", "began later", "1"), row("12", "began later", "25"),
		row("10", "unknown before", "NULL"), row("12", "unknown before", "25"),
		row("10", "unknown now", "20"), row("12", "unknown now", "NULL"),
		row("10", "from nothing", "0"), row("12", "from nothing", "3"),
		row("12", "never known", "NULL"),
	}, ", "))
	r := Range{From: time.Date(2024, time.May, 1, 10, 0, 0, 0, time.UTC), To: time.Date(2024, time.May, 1, 12, 0, 0, 0, time.UTC)}
	for with, want := range map[*beginning][]string{
		new(relative("n").apart("name")): {
			"began later: nothing before", "fell: -25 %", "from nothing: nothing before", "held: unchanged",
			"never known: too few now", "rose: +25 %", "unknown before: nothing before", "unknown now: too few now",
		},
		new(points("n", 1, 1).apart("name")): {
			"began later: nothing before", "fell: -1 points", "from nothing: +3 points", "held: unchanged",
			"never known: too few now", "rose: +5 points", "unknown before: nothing before", "unknown now: too few now",
		},
	} {
		sql, err := with.in(data)
		if err != nil {
			t.Fatal(err)
		}
		if sql, err = r.Expand(sql); err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := conn.QueryRow(t.Context(), "SELECT arraySort(groupUniqArray(concat(name, ': ', compared))) FROM ("+sql+")").Scan(&got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}
