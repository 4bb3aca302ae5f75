package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/demo"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// wholeCase is a file of history that goes the whole way: through ebb replay
// into a running ebb, and into ClickHouse. A further case is a further row of
// wholeCases.
type wholeCase struct {
	name    string
	text    string
	mapping string
	set     map[string]string // settings of run and replay, by environment variable
	shift   bool              // to now, so that live events follow
	says    []string          // by ebb replay
	silent  string            // what it must not say
	want    map[string]string // answers of ClickHouse

	processed uint64 // 0 where want says enough
}

// wholeFile writes rows of days from a first one on.
type wholeFile struct {
	text strings.Builder
	day  time.Time
}

func newWholeFile(header string, first time.Time) *wholeFile {
	f := &wholeFile{day: first}
	f.text.WriteString(header + "\n")

	return f
}

// row writes a row of some days and hours after the first; {at} and {known} are
// its time and, hours later, when it was known.
func (f *wholeFile) row(days, hours int, late time.Duration, row string) {
	at := f.day.AddDate(0, 0, days).Add(time.Duration(hours) * time.Hour)
	f.text.WriteString(strings.NewReplacer("{at}", at.Format(time.RFC3339), "{known}", at.Add(late).Format(time.RFC3339)).Replace(row) + "\n")
}

const arrivalMapping = `name: offline
fields: {time: event_time, customer: customer_id, type: event_type, arrival: arrival_time}
time: {formats: [rfc3339]}
`

func wholeCases() []wholeCase {
	spring := time.Date(2025, 3, 3, 7, 0, 0, 0, time.UTC)

	// Two come daily; from the tenth day on the app of one keeps their events for
	// five hours. A third stops coming, who has to be told from them.
	offline := newWholeFile("event_time,arrival_time,customer_id,event_type", spring)
	for day := range 40 {
		offline.row(day, 0, 0, "{at},{known},online,order.completed")
		switch {
		case day < 10:
			offline.row(day, 1, 0, "{at},{known},tunnel,order.completed")
			offline.row(day, 2, 0, "{at},{known},leaver,order.completed")
		default:
			offline.row(day, 1, 5*time.Hour, "{at},{known},tunnel,order.completed")
		}
	}
	levels := func(who string) string {
		return "SELECT countIf(level IN ('lapsed', 'at_risk')) FROM valid_signals WHERE customer " + who
	}
	sent := map[string]string{"lateness": "6h"}

	// A buyer who keeps what they buy, and those who bring nothing.
	money := newWholeFile("event_time,customer_id,event_type,value,currency", spring)
	for week := range 10 {
		money.row(7*week, 0, 0, "{at},keeps,order.completed,80,EUR")
		money.row(7*week, 1, 0, "{at},minus,order.completed,80,EUR")
		money.row(7*week, 2, 0, "{at},plus,Order Completed,80,EUR")
		money.row(7*week, 3, 0, "{at},carts,cart.added,500,EUR")
		money.row(7*week, 4, 0, "{at},minus,order.returned,-80,EUR")
		money.row(7*week, 5, 0, "{at},plus,Order Refunded,80,EUR")
	}
	money.row(150, 0, 0, "{at},other,order.completed,1,EUR")

	old := newWholeFile("event_time,customer_id,event_type", time.Date(2018, 5, 1, 9, 0, 0, 0, time.UTC))
	for day := range 20 {
		for i := range 2 {
			old.row(day, i, 0, fmt.Sprintf("{at},c%d,order.completed", i))
		}
	}
	old.row(120, 0, 0, "{at},c9,order.completed")

	future := newWholeFile("event_time,customer_id,event_type", spring)
	for day := range 20 {
		if day == 7 {
			future.text.WriteString("2039-02-03T04:05:06Z,c0,order.completed\n")
		}
		future.row(day, 0, 0, fmt.Sprintf("{at},c%d,order.completed", day%4))
	}

	events := "SELECT sum(events) FROM valid_rollups_total WHERE window = '24h' AND toHour(window_end) = 0"
	all := "--ttl.rollups 0s --ttl.signals 0s"

	alike := newWholeFile("event_time,customer_id,event_type", spring)
	for i, id := range []string{"Ada", "ada", "zo\u00eb", "zoe\u0308", "ben", "b\u200ben"} {
		alike.row(i, 0, 0, "{at},"+id+",order.completed")
	}

	return []wholeCase{
		{
			name: "ids that look alike", text: alike.text.String(), processed: 6,
			says: []string{"3 ids of customers differ from another only by case", "1 ids of customers hold blanks"},
			want: map[string]string{"SELECT count() FROM valid_deadletters": "0"},
		},
		{
			name: "an app that sends five hours late", text: offline.text.String(), mapping: arrivalMapping,
			want: map[string]string{levels("!= 'leaver'"): "0", levels("= 'leaver'"): "2", "SELECT count() FROM valid_late": "30"},
		},
		{
			name: "the same within the lateness", text: offline.text.String(), mapping: arrivalMapping, set: sent,
			want: map[string]string{levels("!= 'leaver'"): "0", levels("= 'leaver'"): "2", "SELECT count() FROM valid_late": "0"},
		},
		{
			name: "what is given back, and what lies in carts", text: money.text.String(),
			want: map[string]string{
				"SELECT customer, argMax(value, episode) > 0 AS pays FROM valid_signals WHERE customer != 'other' GROUP BY customer ORDER BY customer": "('carts',0),('keeps',1),('minus',0),('plus',0)",
			},
		},
		{
			name: "long ago, with what is kept by default", text: old.text.String(),
			set:  map[string]string{"ttl.rollups": "1m=14d,5m=60d,1h=400d,24h=0s,7d=0s,28d=0s", "ttl.signals": "180d"},
			says: []string{"Old history, from 2018-05-01 on", "Windows of 1m are older than ttl.rollups (1m=14d)", "Signals are older than ttl.signals (180d)", all},
			want: map[string]string{
				events: "40", "SELECT count() FROM valid_rollups_total WHERE window IN ('1m', '5m', '1h')": "0", "SELECT count() FROM valid_signals": "0",
			},
		},
		{
			name: "long ago, all of it kept", text: old.text.String(),
			silent: "Old history",
			want: map[string]string{
				events: "40", "SELECT sum(events) FROM valid_rollups_total WHERE window = '1m'": "40", "SELECT countIf(level = 'lapsed') FROM valid_signals": "2",
			},
		},
		{
			name: "a row of 2039, and then live events", text: future.text.String(), shift: true, processed: 21,
			want: map[string]string{
				"SELECT count(), any(reason) FROM valid_deadletters": "(1,'invalid_field')",
				"SELECT count() FROM valid_late":                     "0",
			},
		},
	}
}

// What a file of history is like decides nothing of what comes of it at the end
// of the whole way, and every row is proved.
func TestFilesTheWholeWay(t *testing.T) {
	t.Parallel()
	for _, test := range wholeCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "events.csv")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"replay", file}
			if test.mapping != "" {
				mapping := filepath.Join(dir, "map.yaml")
				if err := os.WriteFile(mapping, []byte(test.mapping), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--mapping", mapping)
			}
			if test.shift {
				args = append(args, "--shift", "now")
			}
			l := newWhole(t, test.set)
			code, stdout, stderr := l.command(t, args...)
			if code != exitOK {
				t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
			}
			for _, want := range test.says {
				if !strings.Contains(stdout+stderr, want) {
					t.Errorf("without %q:\n%s%s", want, stdout, stderr)
				}
			}
			if test.silent != "" && strings.Contains(stdout+stderr, test.silent) {
				t.Errorf("it says %q:\n%s%s", test.silent, stdout, stderr)
			}
			l.settle(t)
			if test.shift {
				l.publish(t, "c1", eventAt("live", "c1", "order.completed", time.Now()))
			}
			l.settle(t)
			if counts, _, _ := l.engine.Totals(); test.processed > 0 && counts.Processed != test.processed {
				t.Errorf("%+v, want %d processed", counts, test.processed)
			}
			l.prove(t)
			for query, want := range test.want {
				if got := l.answer(t, query); got != want {
					t.Errorf("%s\n is  %s\nwant %s", query, got, want)
				}
			}
		})
	}
}

// newWhole starts servers and an ebb with the settings.
func newWhole(t *testing.T, set map[string]string) *live {
	t.Helper()
	l := newLive(t)
	l.surroundings = surroundings{
		"nats.url": l.url, "clickhouse.addr": l.database.Addr, "clickhouse.database": l.database.Name,
		"stream.partitions": fmt.Sprint(livePartitions), "churn.horizon": "7d", "metrics": metric.BaseMetrics,
		"ttl.rollups": "0s", "ttl.signals": "0s", "ttl.late": "0s", "ttl.dead_letters": "0s",
	}
	maps.Copy(l.surroundings, set)
	settings := l.settings(t)
	l.config = settings.Processing.Pipeline(&settings.Stream, &settings.Churn)
	target := clickhouse.Config{Address: "http://" + l.database.Addr, Database: l.database.Name}
	if err := clickhouse.Prepare(t.Context(), target, settings.TTL.Times()); err != nil {
		t.Fatal(err)
	}
	l.start(t)

	return l
}

// prove stops the engine and derives every row anew with SQL.
func (l *live) prove(t *testing.T) {
	t.Helper()
	if err := l.engine.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	d := &demo.Demo{To: call.Streams{Out: io.Discard, Err: io.Discard}, Js: l.js, Layout: l.layout, Config: l.config, Engine: l.engine}
	var report demo.Report
	if err := d.Verify(t.Context(), l.conn, &report); err != nil {
		t.Fatal(err)
	}
	for _, table := range report.Verification.Tables {
		for _, example := range table.Examples {
			t.Errorf("%s %s: %s", table.Table, table.Window, example)
		}
	}
}

// answer is the rows of a query, as text.
func (l *live) answer(t *testing.T, query string) string {
	t.Helper()
	var text string
	row := l.conn.QueryRow(t.Context(), "SELECT arrayStringConcat(groupArray(toString(tuple(*))), ',') FROM ("+query+")")
	if err := row.Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if !strings.Contains(text, ",") {
		return strings.Trim(text, "()")
	}

	return text
}
