package dashboards

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse"
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
	five := timeRange{from: at(0), to: at(30), interval: time.Minute, window: "5m"}
	coarse := five
	coarse.interval = 10 * time.Minute

	tests := map[string]struct {
		in   timeRange
		want []string // rows
	}{
		"active_now": {five, []string{"3"}},
		"active_customers": {five, []string{
			"12:05:00 6",
			"12:10:00 3", // 12:11 is not complete
			"12:30:00 3", // and holds at the end of the range
		}},
		"interactions_by_kind":    {five, []string{"12:05:00 active 8", "12:05:00 passive 4", "12:30:00 active 8", "12:30:00 passive 4"}},
		"interactions_by_channel": {coarse, []string{"12:00:00 email 3", "12:00:00 web 7", "12:30:00 email 3", "12:30:00 web 7"}},
		"levels": {five, []string{
			"12:00:00 10 0 0 0", // what held when the range begins
			"12:07:00 7 1 2 0",
			"12:08:00 12 1 3 1",
			"12:30:00 12 1 3 1", // what holds when it ends
		}},
		"at_risk_now":    {five, []string{"3"}},
		"at_risk_new":    {five, []string{"2"}},
		"at_risk_inflow": {five, []string{"12:06:00 2 0 0", "12:07:00 0 1 0", "12:08:00 0 0 1"}},
		"at_risk": {five, []string{
			"ann 0  2024-05-01T12:06:00Z 0.83 19 <nil> 2024-04-12T12:06:00Z usually every 6 days, silent for 19; half as many as before",
			"cat 0  2024-05-01T11:00:00Z 0.95 10 <nil> 2024-04-21T11:00:00Z silent for 10 days",
		}},
		"records": {coarse, []string{
			"12:00:00 100 1 2 3",
			"12:10:00 100 0 2 1", // the change since the row before, of both partitions
		}},
		"feed": {five, []string{
			"email 2 2024-05-01T12:01:00Z 2 61.5", // and the whole is back
		}},
		"lag_now":    {five, nil},
		"partitions": {five, nil},
	}
	for _, name := range queryNames(t, "overview") {
		test, ok := tests[strings.TrimPrefix(name, "overview/")]
		if !ok {
			t.Errorf("query %s has no test here", name)

			continue
		}
		if test.want == nil {
			continue // depends on the wall clock; the tests below
		}
		t.Run(name, func(t *testing.T) {
			if got := rows(t, conn, name, test.in); !slices.Equal(got, test.want) {
				t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestLagIsTheAgeOfTheSlowestClock(t *testing.T) {
	conn := migrated(t)
	before := time.Since(at(10)).Seconds()
	got := rows(t, conn, "overview/lag_now", timeRange{})
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

func TestPartitionsShowTheirLastRow(t *testing.T) {
	got := rows(t, migrated(t), "overview/partitions", timeRange{})
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

// Before the first event every panel is empty or zero, and none fails.
func TestQueriesOnEmptyTables(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(queryNames(t, "overview"), queryNames(t, "quality")...) {
		got := rows(t, conn, name, timeRange{from: at(0), to: at(30), interval: time.Minute, window: "1h"})
		if len(got) > 0 && !slices.Equal(got, []string{"0"}) {
			t.Errorf("%s: rows %q on empty tables", name, got)
		}
	}
}

func migrated(t *testing.T) driver.Conn {
	t.Helper()
	conn := localtest.ClickHouse(t).Open(t)
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(fixture, ";\n") {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}

	return conn
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
	built, err := queryBuilder{name, asTable}.Build()
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
