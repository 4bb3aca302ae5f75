package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/cmd/ebb/metrics"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse/clickhousetest"
)

// measured is a database with some rows, whose stream's clock stands in the past.
func measured(t *testing.T) (args []string, conn driver.Conn) {
	t.Helper()
	clearEnvironment(t)
	database := clickhousetest.Migrated(t)
	conn = database.Open(t)

	return []string{"--clickhouse.addr", database.Addr, "--clickhouse.database", database.Name}, conn
}

// execAll runs statements.
func execAll(t *testing.T, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

// someRows are of a stream whose clock stands at 2020-03-01: sentiment of windows of a
// day, total of a minute alone, late events before the last 28 days alone.
func someRows(t *testing.T, conn driver.Conn) {
	t.Helper()
	const moment, era = "'2020-03-01 00:00:00.000'", "'2020-01-01 00:00:00.000'"
	execAll(t, conn,
		"INSERT INTO pipeline (time, partition, clock, watermark, processed, version, era) VALUES ("+moment+", 0, "+moment+", "+moment+", 7, 1, "+era+")",
		"INSERT INTO eras (era, window, since) VALUES ("+era+", '24h', '2020-01-02 00:00:00.000')",
		"INSERT INTO rollups_sentiment (window, window_end, partition, channel, answers, sentiment, negative, version, clock, era) VALUES "+
			"('24h', '2020-02-29 00:00:00.000', 0, 'web', 20, -5000000, 15, 1, "+moment+", "+era+"),"+
			"('24h', '2020-02-29 00:00:00.000', 0, 'web', 20, -5000000, 15, 2, "+moment+", "+era+"),"+ // written again
			"('24h', '2020-02-29 00:00:00.000', 1, 'web', 1, 1000000, 0, 1, "+moment+", "+era+"),"+ // another partition, the same row
			"('24h', '2020-02-28 00:00:00.000', 0, 'web', 1, 1000000, 0, 1, "+moment+", "+era+"),"+
			"('24h', '2020-03-02 00:00:00.000', 0, 'web', 1, 1000000, 0, 1, "+moment+", "+era+"),"+ // beyond the clock
			"('24h', '2020-01-20 00:00:00.000', 0, 'web', 1, 1000000, 0, 1, "+moment+", "+era+"),"+ // too long ago
			"('1m', '2020-02-29 00:00:00.000', 0, 'web', 1, 1000000, 0, 1, "+moment+", "+era+")",
		"INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock, era) VALUES ('1m', "+moment+", 0, 5, 3, 1, "+moment+", "+era+")",
		"INSERT INTO late (sequence, partition, time, clock, customer, id, type, version, era) VALUES (1, 0, "+era+", '2020-01-05 00:00:00.000', 'c', 'i', 't', 1, "+era+")",
	)
}

// readMetrics is what the command prints for programs.
func readMetrics(t *testing.T, args ...string) metrics.Report {
	t.Helper()
	var got metrics.Report
	commandJSON(t, &got, append([]string{"metrics", "--json"}, args...)...)

	return got
}

// What is fed is what the view has in the last 28 days of the stream's own clock,
// however old that is; the others say what they wait for. One that can't be asked
// doesn't hide the others. One database does for all, and most is asked of one metric:
// to ask all takes seconds.
func TestMetricsSayWhatIsFed(t *testing.T) {
	args, conn := measured(t)
	metricsBeforeRows(t, args)
	someRows(t, conn)
	printedQueries(t, args, conn)
	execAll(t, conn, "DROP VIEW valid_feed")
	metricsOfRows(t, args)
	metricsInWords(t, args)
}

func metricsBeforeRows(t *testing.T, args []string) {
	t.Helper()
	if got := readMetrics(t, append([]string{"sentiment"}, args...)...); got.Clock != nil || got.NotAsked != "" || len(got.Metrics) != 1 || got.Metrics[0].Fed == nil {
		t.Errorf("before the first rows: %+v", got)
	}
	if said := commandOutput(t, append([]string{"metrics"}, args...)...); !strings.Contains(said, "holds no rows of this stream yet") || strings.Contains(said, "Now: fed") {
		t.Errorf("before the first rows:\n%s", said)
	}
}

// metricsOfRows reads what is said of all, without the view of one.
func metricsOfRows(t *testing.T, args []string) {
	t.Helper()
	got := readMetrics(t, args...)
	if got.Clock == nil || got.Clock.Year() != 2020 {
		t.Errorf("the clock is %v", got.Clock)
	}
	if len(got.Metrics) != len(metric.Describe()) {
		t.Errorf("%d metrics, want %d", len(got.Metrics), len(metric.Describe()))
	}
	want := map[string]string{"sentiment": "2 24h 2020-02-29", "total": "1 1m 2020-03-01", "pipeline": "1  2020-03-01"}
	for _, m := range got.Metrics {
		if m.Fed == nil || (m.Fed.Problem != "") != (m.Name == "feed") {
			t.Errorf("%s: %+v", m.Name, m.Fed)

			continue
		}
		fed := ""
		if m.Fed.Rows > 0 {
			fed = fmt.Sprintf("%d %s %s", m.Fed.Rows, m.Fed.Window, m.Fed.Last.Format("2006-01-02"))
		}
		if fed != want[m.Name] {
			t.Errorf("%s is fed by %q, want %q", m.Name, fed, want[m.Name])
		}
	}
}

// metricsInWords reads what is printed for people.
func metricsInWords(t *testing.T, args []string) {
	t.Helper()
	for name, lines := range map[string][]string{
		"sentiment": {"Now      fed: 2 rows of windows of 24h, the newest of 2020-02-29T00:00:00Z\n", "which stands at\n2020-03-01T00:00:00Z.\n"},
		"late":      {"Now      waits for events that come after the allowed lateness\n"},
	} {
		said := commandOutput(t, append([]string{"metrics", name}, args...)...)
		for _, line := range lines {
			if !strings.Contains(said, line) {
				t.Errorf("no %q in\n%s", line, said)
			}
		}
	}
}

// The query of each runs as it is printed, and finds the rows.
func printedQueries(t *testing.T, args []string, conn driver.Conn) {
	t.Helper()
	for _, d := range metric.Describe() {
		said := commandOutput(t, append([]string{"metrics", d.Name, "--offline"}, args...)...)
		_, query, found := strings.Cut(said, "A query for ClickHouse:\n")
		if !found {
			t.Fatalf("%s has no query:\n%s", d.Name, said)
		}
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Errorf("%s: %v\n%s", d.Name, err, query)

			continue
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Err(); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		if want := map[string]int{"sentiment": 2, "pipeline": 1}[d.Name]; n != want {
			t.Errorf("%s: the query finds %d rows, want %d\n%s", d.Name, n, want, query)
		}
	}
}

// Who can't be asked is no reason not to list, and is told in one line.
func TestMetricsWithoutClickHouse(t *testing.T) {
	clearEnvironment(t)
	theirs := localtest.ClickHouse(t)
	args := []string{"--clickhouse.addr", theirs.Addr, "--clickhouse.database", theirs.Name}
	execAll(t, theirs.Open(t),
		"CREATE TABLE ebb_installations (prefix String, noted_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = ReplacingMergeTree(noted_at) ORDER BY prefix",
		"INSERT INTO ebb_installations (prefix) VALUES ('theirs')")
	empty := localtest.ClickHouse(t)
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"offline", []string{"--offline", "--clickhouse.addr", "127.0.0.1:1"}, "Which are fed was not asked: --offline."},
		{"turned off", []string{"--no-clickhouse.enabled"}, "Which are fed was not asked: clickhouse.enabled is false."},
		{"away", []string{"--clickhouse.addr", "127.0.0.1:1"}, "Could not look which are fed: ClickHouse at 127.0.0.1:1: connection refused."},
		{"away, by its native protocol", []string{"--clickhouse.addr", "127.0.0.1:1", "--clickhouse.protocol", "native"}, "Could not look which are fed: ClickHouse at 127.0.0.1:1: connection refused."},
		{"no database", append(args, "--clickhouse.database", "nowhere"), "has no database nowhere yet; `ebb run --clickhouse.addr"},
		{"no tables", append(args, "--clickhouse.database", empty.Name), "has no tables yet; `ebb run --clickhouse.addr"},
		{"of another installation", args, "holds the rows of the streams of prefix theirs, and these are of prefix engagement."},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readMetrics(t, test.args...)
			if !strings.Contains(got.NotAsked, test.want) || strings.Contains(got.NotAsked, "\n") || len(got.Metrics) != len(metric.Describe()) {
				t.Errorf("%q, want %q; %d metrics", got.NotAsked, test.want, len(got.Metrics))
			}
			for _, m := range got.Metrics {
				if m.Fed != nil {
					t.Errorf("%s: %+v", m.Name, m.Fed)
				}
			}
			said := strings.Join(strings.Fields(commandOutput(t, append([]string{"metrics"}, test.args...)...)), " ")
			if !strings.Contains(said, test.want) || !strings.Contains(said, "sentiment: Sentiment") {
				t.Errorf("no %q in %s", test.want, said)
			}
		})
	}
}

func TestMetricsKnowNames(t *testing.T) {
	clearEnvironment(t)
	for _, name := range []string{"type", "rollups_type", "v_type", "V_Type", "rollups_type_series"} {
		if got := readMetrics(t, name, "--offline"); len(got.Metrics) != 1 || got.Metrics[0].Name != "type" {
			t.Errorf("%s is %+v", name, got)
		}
	}
	for name, want := range map[string]string{
		"sentimnt": "did you mean sentiment?", "quality": "did you mean model_quality?", "rollups_totl": "did you mean total", "lat": "did you mean late",
		"zzzzzzzzz": "there are total, kind, ",
	} {
		code, stdout, stderr := command(t, "metrics", name, "--offline")
		if code != exitFailure || stdout != "" || !strings.Contains(stderr, fmt.Sprintf("there is no metric %q", name)) || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
	}
}

// JSON has all that is known of each.
func TestMetricsJSON(t *testing.T) {
	clearEnvironment(t)
	var got struct {
		Metrics []map[string]json.RawMessage
	}
	commandJSON(t, &got, "metrics", "--offline", "--json")
	for _, m := range got.Metrics {
		for _, key := range []string{"name", "title", "definition", "fed_by", "unit", "table", "view", "columns", "stored", "query"} {
			if key == "stored" && m["by_view"] != nil {
				continue // a view has no table
			}
			if len(m[key]) <= len(`""`) || string(m[key]) == "null" {
				t.Errorf("%s has no %s", m["name"], key)
			}
		}
	}
	if len(got.Metrics) != len(metric.Describe()) {
		t.Errorf("%d metrics", len(got.Metrics))
	}
}
