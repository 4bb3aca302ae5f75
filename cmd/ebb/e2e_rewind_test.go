package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"ebb/cmd/ebb/serve"
)

// rowsOf are the rows of a table.
func (l *live) rowsOf(t *testing.T, table string) map[string]bool {
	t.Helper()
	found, err := l.conn.Query(t.Context(), "SELECT toString(tuple(*)) FROM "+table+" FINAL")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	rows := map[string]bool{}
	for found.Next() {
		var row string
		if err := found.Scan(&row); err != nil {
			t.Fatal(err)
		}
		rows[row] = true
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}

	return rows
}

// lossy empties tables in the ways that people do.
func (l *live) lossy(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		"TRUNCATE TABLE rollups_total", "TRUNCATE TABLE deadletters",
		"ALTER TABLE rollups_type DELETE WHERE 1 SETTINGS mutations_sync = 2",
	} {
		if err := l.conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// What ClickHouse has lost is there again after a rewind, while an instance runs
// and while none does.
func TestRewindBringsBackLostRows(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	p, at := l.startRun(t)
	l.send(t, "first", 200)
	l.publish(t, "broken", []byte("{"))
	tables := []string{"rollups_total", "rollups_type", "deadletters"}
	before := map[string]map[string]bool{}
	eventually(t, "rows", func() bool {
		for _, table := range tables {
			before[table] = l.rowsOf(t, table)
		}

		return processed(t, at) == 200 && len(before["rollups_total"]) > 0 && len(before["rollups_type"]) > 0 && len(before["deadletters"]) == 1
	})
	complete := func() bool {
		for _, table := range tables {
			rows := l.rowsOf(t, table)
			for row := range before[table] {
				if !rows[row] {
					return false
				}
			}
		}

		return true
	}

	l.lossy(t)
	if complete() {
		t.Fatal("nothing was lost")
	}
	code, out, problems := l.command(t, "sink", "rewind", "--to", "beginning", "--dry-run")
	if code != exitOK || !strings.Contains(out, "would be read again") {
		t.Errorf("dry run: %d %s%s", code, out, problems)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if len(line) > 80 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	time.Sleep(300 * time.Millisecond)
	if complete() {
		t.Error("a dry run put something back")
	}
	if code, out, problems := l.command(t, "sink", "rewind", "--to", "1h"); code != exitOK || !strings.Contains(out, "messages are read again") {
		t.Fatalf("rewind: %d %s%s", code, out, problems)
	}
	eventually(t, "the rows again", complete)

	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.output)
	}
	l.lossy(t)
	code, out, problems = l.command(t, "sink", "rewind", "--to", "1", "--stream", "rollups", "--json")
	var result rewound
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitOK || len(result.Streams) != 1 || result.Streams[0].From == 0 || result.Streams[0].Messages == 0 {
		t.Fatalf("rewind: %d %v %s%s", code, err, out, problems)
	}
	if code, out, problems := l.command(t, "sink", "rewind", "--to", "beginning", "--stream", "deadletters"); code != exitOK {
		t.Fatalf("rewind: %d %s%s", code, out, problems)
	}
	if code, out, problems := l.command(t, "status"); code != exitOK || !strings.Contains(out, "CLICKHOUSE") {
		t.Errorf("status: %d %s%s", code, out, problems)
	}
	_, at = l.startRun(t)
	eventually(t, "the rows again", complete)
	eventually(t, "no lag", func() bool {
		_, metrics := fetch(t, at+"/metrics")

		return strings.Contains(metrics, `ebb_sink_lag_seconds{stream="ROLLUPS"} 0`) && strings.Contains(metrics, `ebb_sink_lag_messages{stream="ROLLUPS"} 0`)
	})
}

// A point that can't be meant is refused with what can.
func TestRewindRefusesWhatIsNoPoint(t *testing.T) {
	clearEnvironment(t)
	for _, args := range []string{"--to yesterday", "--to 0", "--to -2h", "--to 17", "--to 2h --stream input", ""} {
		code, _, problems := command(t, append([]string{"sink", "rewind"}, strings.Fields(args)...)...)
		if code != exitUsage || problems == "" {
			t.Errorf("%q: exit code %d, %s", args, code, problems)
		}
	}
}

func TestSinkIsBehindAfterAMinute(t *testing.T) {
	for _, test := range []struct {
		behind time.Duration
		holds  bool
	}{{0, false}, {59 * time.Second, false}, {time.Minute, false}, {61 * time.Second, true}} {
		holds, text := serve.SinkBehind(test.behind, 17)
		if holds != test.holds || !strings.Contains(text, fmt.Sprint(test.behind)+" behind: 17 messages") {
			t.Errorf("%s: %v %q", test.behind, holds, text)
		}
	}
}
