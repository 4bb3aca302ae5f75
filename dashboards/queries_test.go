package dashboards

import (
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/sinks/clickhouse/clickhousetest"
)

// The rows below stand around this time. They are history, so the tables keep
// rows for ever.
func at(minute int) time.Time {
	return time.Date(2024, time.May, 1, 12, minute, 0, 0, time.UTC)
}

// fixture is two partitions. Partition 1 is a minute behind, so what ends
// after 12:10 is not complete.
const fixture = `
INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version) VALUES
	('2024-05-01 12:05:00', 0, '2024-05-01 12:05:00', '2024-05-01 11:55:00', 10, 100, 1, 2, 3, 10),
	('2024-05-01 12:11:00', 0, '2024-05-01 12:11:00', '2024-05-01 12:01:00', 90, 160, 1, 4, 3, 90),
	('2024-05-01 12:10:00', 1, '2024-05-01 12:10:00', '2024-05-01 12:00:00', 80, 40, 0, 0, 1, 80);
INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock) VALUES
	('5m', '2024-05-01 12:05:00', 0, 9, 9, 10, '2024-05-01 12:05:00'),
	('5m', '2024-05-01 12:05:00', 0, 10, 4, 11, '2024-05-01 12:06:00'),
	('5m', '2024-05-01 12:05:00', 1, 5, 2, 12, '2024-05-01 12:06:00'),
	('5m', '2024-05-01 12:10:00', 0, 8, 3, 50, '2024-05-01 12:10:00'),
	('5m', '2024-05-01 12:11:00', 0, 99, 99, 90, '2024-05-01 12:11:00'),
	('1h', '2024-05-01 12:10:00', 0, 70, 30, 50, '2024-05-01 12:10:00');
INSERT INTO rollups_kind (window, window_end, kind, partition, events, customers, version, clock) VALUES
	('5m', '2024-05-01 12:05:00', 'active', 0, 6, 3, 10, '2024-05-01 12:05:00'),
	('5m', '2024-05-01 12:05:00', 'active', 1, 2, 1, 12, '2024-05-01 12:05:00'),
	('5m', '2024-05-01 12:05:00', 'passive', 0, 4, 2, 10, '2024-05-01 12:05:00'),
	('5m', '2024-05-01 12:05:00', 'exposure', 0, 40, 0, 10, '2024-05-01 12:05:00');
INSERT INTO rollups_channel (window, window_end, channel, partition, events, version, clock) VALUES
	('5m', '2024-05-01 12:05:00', 'web', 0, 7, 10, '2024-05-01 12:05:00'),
	('5m', '2024-05-01 12:05:00', 'email', 1, 3, 12, '2024-05-01 12:05:00');
INSERT INTO levels (time, partition, healthy, cooling, at_risk, lapsed, version, clock) VALUES
	('2024-05-01 11:00:00', 0, 10, 0, 0, 0, 5, '2024-05-01 11:00:00'),
	('2024-05-01 12:07:00', 0, 7, 1, 2, 0, 20, '2024-05-01 12:07:00'),
	('2024-05-01 12:08:00', 1, 5, 0, 1, 1, 21, '2024-05-01 12:08:00');
INSERT INTO feed (channel, time, partition, state, since, observed, expected, held, released, dropped, version, clock) VALUES
	('', '2024-05-01 12:02:00', 0, 'silent', '2024-05-01 12:00:00', 1, 33, 0, 0, 0, 12, '2024-05-01 12:02:00'),
	('', '2024-05-01 12:06:00', 0, 'back', '2024-05-01 12:00:00', 9, 50, 1, 0, 0, 16, '2024-05-01 12:06:00'),
	('email', '2024-05-01 12:05:00', 0, 'silent', '2024-05-01 12:01:00', 2, 30.5, 0, 0, 0, 15, '2024-05-01 12:05:00'),
	('email', '2024-05-01 12:06:00', 1, 'silent', '2024-05-01 12:03:00', 0, 31, 0, 0, 0, 16, '2024-05-01 12:06:00');
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, reason_code, reason_log_odds, reason_text, partition, sequence, version) VALUES
	('ann', 1, 'at_risk', 'raised', 'cooling', '2024-05-01 12:06:00', 0.83, 2592000000, '2024-04-12 12:06:00', 1641600000, ['rhythm', 'trend'], [1.2, 0.4], ['usually every 6 days, silent for 19', 'half as many as before'], 0, 20, 20),
	('bob', 1, 'at_risk', 'raised', 'cooling', '2024-05-01 12:06:30', 0.9, 2592000000, '2024-04-30 12:06:30', 86400000, ['recency'], [2], ['silent for 1 day'], 1, 21, 21),
	('bob', 2, 'healthy', 'cleared', 'at_risk', '2024-05-01 12:08:00', 0.1, 2592000000, '2024-05-01 12:08:00', 0, [], [], [], 1, 30, 30),
	('cat', 1, 'at_risk', 'raised', 'cooling', '2024-05-01 11:00:00', 0.95, 2592000000, '2024-04-21 11:00:00', 864000000, ['rhythm'], [3], ['silent for 10 days'], 0, 4, 4),
	('dan', 2, 'lapsed', 'raised', 'at_risk', '2024-05-01 12:07:00', 0.99, 2592000000, '2024-03-01 12:07:00', 5270400000, ['recency'], [5], ['silent for 61 days'], 1, 25, 25)`

func TestQueriesReturnWhatTheirPanelsShow(t *testing.T) {
	conn := migrated(t)
	five := timeRange{from: at(0), to: at(30), interval: 10 * time.Minute, window: "5m"}
	tests := map[string][]string{
		"overview/active_customers": {
			"12:00:00 0",
			"12:10:00 3", // 12:11 is not complete
			"12:30:00 3", // and holds at the end of the range
		},
		"overview/interactions_by_kind": {"12:00:00 0 0 0", "12:10:00 0 0 0", "12:30:00 0 0 0"},
		"channels/interactions":         {"12:00:00 email 0", "12:00:00 web 0", "12:10:00 email 0", "12:10:00 web 0", "12:30:00 email 0", "12:30:00 web 0"},
		"overview/levels": {
			"12:00:00 12 1 3 1", // what holds when an interval ends
			"12:30:00 12 1 3 1", // and what holds when the range does
		},
		"overview/at_risk_now": {"12:00:00 3", "12:30:00 3"},
		"overview/feed": {
			"email 2 2024-05-01T12:01:00Z 2 61.5", // and the whole is back
		},
		"churn/became_at_risk": {"2"},
		"churn/came_back":      {"1"},
		"churn/in_and_out":     {"00:00:00 3 1 -1"},
		"churn/reasons":        {"broke their rhythm 1", "silent for long 1"},
		"churn/budget_alerts":  nil,
		"churn/customers": {
			"ann at_risk 0  0.83 19.00347222222222 <nil> 2024-05-01T12:06:00Z Usually every 6 days, silent for 19  ",
			"cat at_risk 0  0.95 10.049305555555556 <nil> 2024-05-01T11:00:00Z Silent for 10 days  ",
		},
		"pipeline/records": {
			"12:00:00 100 1 2 3",
			"12:10:00 100 0 2 1", // the change since the row before, of both partitions
		},
		"pipeline/late_share":        {"0.0196078431372549"},
		"pipeline/duplicate_share":   {"0.004975124378109453"},
		"pipeline/dead_letter_share": {"0.0196078431372549"},
		"pipeline/throughput":        {"12:00:00 1.6666666666666667", "12:10:00 0.8333333333333334"},
		"annotations/silences":       {"12:00:00 Far fewer events than usual: the whole input feed", "12:01:00 Far fewer events than usual: email feed", "12:03:00 Far fewer events than usual: email feed"},
	}
	for name, want := range tests {
		if got := rows(t, conn, name, five); !slices.Equal(got, want) {
			t.Errorf("%s: rows\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	lagIsTheAgeOfTheSlowestClock(t, conn)
	partitionsShowTheirLastRow(t, conn)
	fine := five
	fine.interval = time.Minute
	kinds := rows(t, conn, "overview/interactions_by_kind", fine)
	if !slices.Equal(kinds[:2], []string{"12:05:00 4 0 8", "12:06:00 0 0 0"}) {
		t.Errorf("by kind and minute: %q, want what there was, and then zeros", kinds)
	}
}

// lagIsTheAgeOfTheSlowestClock, whatever the time is.
func lagIsTheAgeOfTheSlowestClock(t *testing.T, conn driver.Conn) {
	t.Helper()
	before := time.Since(at(10)).Seconds()
	got := rows(t, conn, "overview/freshness", timeRange{})
	after := time.Since(at(10)).Seconds()

	var lag float64
	if len(got) != 1 {
		t.Fatalf("rows %q, want one", got)
	}
	if _, err := fmt.Sscan(got[0], &lag); err != nil {
		t.Fatal(err)
	}
	if lag < before-1 || lag > after+1 {
		t.Errorf("lag %v s, want %v to %v", lag, before, after)
	}
}

func partitionsShowTheirLastRow(t *testing.T, conn driver.Conn) {
	t.Helper()
	got := rows(t, conn, "pipeline/partitions", timeRange{})
	want := [][2]string{
		{"0 2024-05-01T12:11:00Z 2024-05-01T12:01:00Z ", " 90 160 1 4 3"},
		{"1 2024-05-01T12:10:00Z 2024-05-01T12:00:00Z ", " 80 40 0 0 1"},
	}
	if len(got) != len(want) {
		t.Fatalf("rows %q, want %d", got, len(want))
	}
	for i, row := range got {
		if !strings.HasPrefix(row, want[i][0]) || !strings.HasSuffix(row, want[i][1]) {
			t.Errorf("row %q, want %s…%s", row, want[i][0], want[i][1])
		}
	}
}

// Before the first event no panel fails, and none shows a figure but zeros.
func queriesOnEmptyTables(t *testing.T, conn driver.Conn) {
	t.Helper()
	figure := regexp.MustCompile(`[1-9]`)
	for _, name := range allQueryNames(t) {
		if strings.HasPrefix(name, "alerts/") {
			continue
		}
		for _, row := range rows(t, conn, name, timeRange{from: at(0), to: at(30), interval: time.Minute, window: "1h"}) {
			cells := strings.Fields(row)
			if last := cells[len(cells)-1]; figure.MatchString(last) && !knownWithoutEvents[name] {
				t.Errorf("%s: row %q on empty tables", name, row)
			}
		}
	}
}

// knownWithoutEvents are queries whose rows have figures that no event brought.
var knownWithoutEvents = map[string]bool{"detector/reliability": true}

func migrated(t *testing.T) driver.Conn {
	t.Helper()
	conn := clickhousetest.Migrated(t).Open(t)
	for statement := range strings.SplitSeq(fixture, ";\n") {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}

	return conn
}

// allQueryNames are those of all folders.
func allQueryNames(t *testing.T) []string {
	t.Helper()
	folders, err := fs.ReadDir(queries, "queries")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, folder := range folders {
		if folder.Name() != "alerts" {
			names = append(names, queryNames(t, folder.Name())...)
		}
	}

	return names
}

// A panel reads views, which deduplicate, leave out what is not complete, and the eras
// that don't count; a table below them would show double and half figures. Of some things
// there is a table alone.
func TestQueriesReadViewsOnly(t *testing.T) {
	tables := map[string][]string{
		"pipeline/lag": {"pipeline"}, "pipeline/commits": {"pipeline"}, // when a row was written is in no view
		"pipeline/sink": {"sink_cursors"}, "pipeline/written": {"sink_cursors"},
	}
	reads := regexp.MustCompile(`\b(?:FROM|INNER JOIN|LEFT JOIN)\s+([a-z_]+)`)
	for _, name := range allQueryNames(t) {
		sql, err := readQuery(name)
		if err != nil {
			t.Fatal(err)
		}
		found := reads.FindAllStringSubmatch(regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(sql, ""), -1)
		if len(found) == 0 {
			t.Errorf("%s reads nothing", name)
		}
		for _, table := range found {
			view := strings.HasPrefix(table[1], "v_") || strings.HasPrefix(table[1], "valid_") || table[1] == "numbers"
			if !view && !slices.Contains(tables[name], table[1]) {
				t.Errorf("%s reads %s, which is no view", name, table[1])
			}
		}
	}
}

func TestEveryQueryFileIsShown(t *testing.T) {
	var used []string // a spark's holds the one of its file
	for _, b := range renderedBoards(t) {
		for i := range b.Panels {
			for _, target := range b.Panels[i].Targets {
				used = append(used, target.RawSQL)
			}
		}
		for _, a := range b.Annotations.List {
			used = append(used, a.Target.RawSQL)
		}
		for _, v := range b.Templating.List {
			if text, ok := v.Query.(string); ok {
				used = append(used, text)
			}
		}
	}
	same := map[string]string{}
	for _, name := range allQueryNames(t) {
		sql, err := readQuery(name)
		if err != nil {
			t.Fatal(err)
		}
		if same[sql] != "" {
			t.Errorf("%s says what %s says: a panel can show that one", name, same[sql])
		}
		same[sql] = name
		if !slices.ContainsFunc(used, func(shown string) bool { return strings.Contains(shown, sql) }) {
			t.Errorf("nothing shows %s", name)
		}
	}
}

// queryNames are those of a folder, as panels name them.
func queryNames(t *testing.T, folder string) []string {
	t.Helper()
	files, err := fs.Glob(queries, "queries/"+folder+"/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("queries %q, %v", files, err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(file, "queries/"), ".sql")
	}

	return files
}

// rows runs a query and prints each row, times of day alone
// in time series.
func rows(t *testing.T, conn driver.Conn, name string, in timeRange) []string {
	t.Helper()
	built, err := queryBuilder{name: name, format: asTable}.Build()
	if err != nil {
		t.Fatal(err)
	}
	sql := in.expand(t, built.(query).RawSQL)
	result, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, sql)
	}
	defer result.Close()

	var out []string
	for result.Next() {
		cells := make([]any, len(result.ColumnTypes()))
		for i, column := range result.ColumnTypes() {
			cells[i] = reflect.New(column.ScanType()).Interface()
		}
		if err := result.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(cells))
		for i, cell := range cells {
			texts[i] = cellText(result.Columns()[i], reflect.ValueOf(cell).Elem().Interface())
		}
		out = append(out, strings.Join(texts, " "))
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}

	return out
}

func cellText(column string, value any) string {
	if p := reflect.ValueOf(value); p.Kind() == reflect.Pointer && !p.IsNil() {
		value = p.Elem().Interface() // a nullable column
	}
	moment, ok := value.(time.Time)
	switch {
	case !ok:
		return fmt.Sprint(value)
	case column == "time":
		return moment.UTC().Format(time.TimeOnly)
	default:
		return moment.UTC().Format(time.RFC3339)
	}
}
