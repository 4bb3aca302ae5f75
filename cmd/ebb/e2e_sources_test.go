package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/nats-io/nats.go"

	"ebb/pipeline/event"
	"ebb/sinks/clickhouse/clickhousetest"
)

// envSourceEvents says how many messages of each kind the stream of the test holds;
// make sources sets it.
const envSourceEvents = "EBB_TEST_SOURCE_EVENTS"

// A stream with a past of 60 days, in three forms, and live messages behind it: each
// event counts once with its own time, through kills of ebb and of the server, and the
// figures of the past are those of `ebb replay` of the same events.
func TestSourceCountsEveryEventOnce(t *testing.T) {
	count := 600
	if text := os.Getenv(envSourceEvents); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	s := newSourced(t)
	end := time.Now().Add(-3 * 24 * time.Hour).Truncate(time.Hour)
	begin := end.Add(-60 * 24 * time.Hour)
	segment := ordersOf("segment", count, begin, end)
	structured := ordersOf("structured", count/2, begin.Add(time.Second), end)
	binary := ordersOf("binary", count/2, begin.Add(2*time.Second), end)
	s.put(t, messagesOf(segment, structured, binary)...)
	s.put(t, &nats.Msg{Subject: "orders.segment", Data: []byte(`{"type":"track","messageId":"bad","userId":"x","event":"Order Completed","timestamp":"yesterday"}`)})
	before := s.state(t)

	config := filepath.Join(t.TempDir(), "ebb.yaml")
	if err := os.WriteFile(config, []byte(fiveLines), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := startSourced(t, config)
	s.killAt(t, p, count/2)
	p, _ = startSourced(t, config)
	s.kill(t, s.server)
	s.serve(t)
	total := uint64(2 * count)
	address := s.untilProcessed(t, p, total)
	if got := s.state(t); got != before {
		t.Errorf("the stream is %+v, was %+v", got, before)
	}

	// Live ones, while both are killed again.
	now := time.Now() // their minutes are over, so that nobody has to wait for windows
	lives := max(count/4, 40)
	live := ordersOf("segment", lives, now.Add(-4*time.Minute), now.Add(-2*time.Minute))
	s.put(t, messagesOf(live[:lives/2], nil, nil)...)
	eventually(t, "live events", func() bool { return processed(t, address) > total })
	s.kill(t, p)
	s.put(t, messagesOf(live[lives/2:lives*3/4], nil, nil)...)
	p, _ = startSourced(t, config)
	s.kill(t, s.server)
	s.serve(t)
	s.put(t, messagesOf(live[lives*3/4:], nil, nil)...)
	total += uint64(lives)
	s.untilProcessed(t, p, total)
	s.written(t, "ENGAGEMENT")
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
	s.checkLetters(t)
	s.checkOnce(t, slices.Concat(segment, structured, binary, live))
	s.checkReplayed(t, segment, structured, binary)
}

// checkLetters checks the dead letter of the message that could not be read.
func (s *sourced) checkLetters(t *testing.T) {
	t.Helper()
	stream, err := s.js.Stream(t.Context(), "ENGAGEMENT_DEADLETTERS")
	if err != nil {
		t.Fatal(err)
	}
	letter, err := stream.GetLastMsgForSubject(t.Context(), "engagement.deadletters.invalid_field")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"source orders, stream ORDERS, sequence ", "format segment: segment timestamp is "} {
		if text := letter.Header.Get(event.HeaderError); !strings.Contains(text, part) {
			t.Errorf("the dead letter says %q, without %q", text, part)
		}
	}
}

// checkOnce compares the events that stand in the input, in whatever form, with those
// that were sent: each is there once, or its copies are the same event, with its time.
func (s *sourced) checkOnce(t *testing.T, all []order) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Windows of a minute that follow one another count every event once.
	var got uint64
	if err := s.conn.QueryRow(ctx, "SELECT toUInt64(sum(events)) FROM valid_rollups_total WHERE window = '1m'").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != uint64(len(all)) {
		t.Errorf("the windows of a minute have counted %d events, want %d", got, len(all))
	}
	days := map[string]uint64{}
	for _, o := range all {
		days[o.at.Format(time.DateOnly)]++
	}
	rows, err := s.conn.Query(ctx, "SELECT toString(toDate(window_end - INTERVAL 1 MILLISECOND)) AS date, toUInt64(sum(events)) FROM valid_rollups_total WHERE window = '1m' GROUP BY date")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var date string
		var n uint64
		if err := rows.Scan(&date, &n); err != nil {
			t.Fatal(err)
		}
		if days[date] != n {
			t.Errorf("%d events on %s, want %d", n, date, days[date])
		}
	}
}

// checkReplayed imports the same events with `ebb replay` into another database, and
// compares all windows of the past.
func (s *sourced) checkReplayed(t *testing.T, segment, structured, binary []order) {
	t.Helper()
	other := clickhousetest.Migrated(t)
	file := filepath.Join(t.TempDir(), "events.jsonl")
	var lines []byte
	for _, o := range segment {
		lines = append(append(lines, o.segment()...), '\n')
	}
	for _, o := range slices.Concat(structured, binary) {
		lines = append(append(lines, o.structured()...), '\n')
	}
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EBB_STREAM_PREFIX", "replayed")
	t.Setenv("EBB_CLICKHOUSE_ADDR", other.Addr)
	t.Setenv("EBB_CLICKHOUSE_DATABASE", other.Name)
	p, address := startRun(t)
	if code, out, text := command(t, "replay", file, "--format", "auto"); code != exitOK {
		t.Fatalf("replay: exit code %d %s %s", code, out, text)
	}
	want := uint64(len(segment) + len(structured) + len(binary))
	eventually(t, "the replay", func() bool { return processed(t, address) == want })
	s.written(t, "REPLAYED")
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
	// When a row was published depends on where ticks stood, by the number of rows before,
	// and the stream has one more: the message that can't be read.
	last := segment[len(segment)-1].at.Add(-time.Hour).UnixMilli()
	conn := other.Open(t)
	for _, table := range []string{"valid_rollups_total", "valid_rollups_kind", "valid_rollups_channel", "valid_rollups_type"} {
		query := fmt.Sprintf("SELECT toString(tuple(* EXCEPT (version, clock, era))) AS row FROM %s WHERE window_end <= fromUnixTimestamp64Milli(%d) ORDER BY row", table, last)
		mine, theirs := rowsOf(t, s.conn, query), rowsOf(t, conn, query)
		if len(theirs) == 0 || !slices.Equal(mine, theirs) {
			t.Errorf("%s: %d rows, and %d of the replay; or they differ", table, len(mine), len(theirs))
			for i := range min(len(mine), len(theirs)) {
				if mine[i] != theirs[i] {
					t.Errorf("row %d\n%s\nand of the replay\n%s", i, mine[i], theirs[i])

					break
				}
			}

			continue
		}
		t.Logf("%s: %d rows are those of the replay", table, len(theirs))
	}
}

func rowsOf(t *testing.T, conn driver.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		found = append(found, row)
	}

	return found
}
