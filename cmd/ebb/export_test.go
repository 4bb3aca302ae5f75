package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// An export holds every message and row that names the customer, and none of another.
func TestExportIsWholeAndOfOneCustomer(t *testing.T) {
	t.Parallel()
	l := startLive(t, func(c *meaning.Config) { c.Lengths, c.Join = windows.Defaults(), true })
	now := time.Now()
	l.publish(t, "anonymous:d1", []byte(fmt.Sprintf(`{"id":"d","time":%q,"anonymous_id":"d1","type":"page.viewed"}`, now.Format(time.RFC3339))))
	for i, customer := range []string{"ann-17", "ann-17", "ben", "ann-17", "ann-171"} {
		body := eventAt(fmt.Sprint("e", i), customer, "page.viewed", now)
		if i == 0 {
			body = bytes.Replace(body, []byte(`"type"`), []byte(`"anonymous_id":"d1","type"`), 1)
		}
		l.publish(t, customer, body)
	}
	l.publish(t, "anonymous:ann-17", []byte(fmt.Sprintf(`{"id":"a","time":%q,"anonymous_id":"ann-17","type":"page.viewed"}`, now.Format(time.RFC3339))))
	l.publish(t, "ann-17", eventAt("late", "ann-17", "page.viewed", now.Add(-50*time.Hour)))
	l.publish(t, "ann-17", []byte(`{"id":"bad","time":"2026-01-01T00:00:00Z","customer":"ann-17","type":"page.viewed","value":"much"}`))
	l.publish(t, "ben", []byte(`{"id":"bad","customer":"ben"}`))
	const broken = "no JSON, nor text: ann-17 \xff\x00\xfe"
	l.publish(t, "ben", []byte(broken))
	for _, customer := range []string{"ann-17", "ben"} {
		s := wire.Signal{Schema: wire.Schema, Signal: wire.Raised, Customer: customer, Level: "cooling", Previous: "healthy", Episode: 1, Reasons: []wire.Reason{}, Era: 1, At: now.UnixMilli()}
		s.Complete()
		body, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		l.publishTo(t, fmt.Sprintf("engagement.signals.cooling.%d.%s", event.PartitionOf(customer, livePartitions), customer), body)
	}
	stage, err := jetstream.OpenStage(t.Context(), l.js, l.layout)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Concat(eventAt("s1", "ben", "page.viewed", now), []byte("\n"), eventAt("s2", "ann-17", "page.viewed", now), []byte("\n"))
	if err := stage.Chunk(t.Context(), "orders", lines, jetstream.SourceCursor{}); err != nil {
		t.Fatal(err)
	}
	l.settle(t)
	flags := []string{"--nats.url", l.url, "--stream.partitions", fmt.Sprint(livePartitions), "--clickhouse.addr", l.database.Addr, "--clickhouse.database", l.database.Name}
	table := func(name, where string) (n uint64) {
		if err := l.conn.QueryRow(t.Context(), "SELECT count() FROM "+name+" FINAL WHERE "+where).Scan(&n); err != nil {
			t.Fatal(err)
		}

		return n
	}
	eventually(t, "all rows in ClickHouse", func() bool {
		return table("signals", "true") == 2 && table("late", "true") == 1 && table("deadletters", "true") == 3
	})

	eventually(t, "a record of where ann-17 was active as d1", func() (moved bool) {
		l.each(t, "ENGAGEMENT", ">", func(m *natsjs.RawStreamMsg) {
			moved = moved || m.Header.Get(event.HeaderControl) == event.ControlMove.String()
		})

		return moved
	})

	code, out, stderr := command(t, append([]string{"export", "ann-17"}, flags...)...)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	places, exported, bodies := map[string]int{}, map[string]bool{}, 0
	for text := range strings.Lines(out) {
		var read line
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		places[read.Place]++
		exported[fmt.Sprint(read.Place, " ", read.Sequence)] = true
		if read.Base64 != nil {
			text = string(read.Base64)
		}
		if row, ok := read.Data.(map[string]any); ok && row["body_base64"] != nil {
			text = decoded(t, row["body_base64"])
		}
		if strings.HasPrefix(text, "no JSON") {
			if text != broken {
				t.Errorf("%s: a body is %q, want %q", read.Place, text, broken)
			}
			bodies++
		}
		if !strings.Contains(text, "ann-17") || strings.Contains(text, "ann-171") {
			t.Errorf("a line of another: %s", text)
		}
	}
	if bodies != 2 {
		t.Errorf("the body that is no text is there %d times, want it from the stream and from ClickHouse", bodies)
	}
	want := map[string]int{
		"state": 1, "ENGAGEMENT": 7, "ENGAGEMENT_ROLLUPS": 1, "ENGAGEMENT_SIGNALS": 1, "ENGAGEMENT_DEADLETTERS": 2, "ENGAGEMENT_SOURCES": 1,
		"clickhouse.signals": 1, "clickhouse.late": 1, "clickhouse.deadletters": 2,
	}
	if fmt.Sprint(places) != fmt.Sprint(want) {
		t.Errorf("lines by place: %v, want %v", places, want)
	}
	for place, n := range want {
		if place != "state" && !strings.Contains(stderr, fmt.Sprintf("%d ", n)) || !strings.Contains(stderr, place) {
			t.Errorf("the summary does not tell of %d in %s:\n%s", n, place, stderr)
		}
	}
	// Whatever a stream holds with the id in it is there, but for what only looks like it.
	for _, stream := range []string{"ENGAGEMENT", "ENGAGEMENT_ROLLUPS", "ENGAGEMENT_SIGNALS", "ENGAGEMENT_DEADLETTERS"} {
		l.each(t, stream, ">", func(m *natsjs.RawStreamMsg) {
			if bytes.Contains(m.Data, []byte(`"customer":"ann-17"`)) && !exported[fmt.Sprint(stream, " ", m.Sequence)] {
				t.Errorf("%s %d is not exported: %s", stream, m.Sequence, m.Data)
			}
		})
	}

	code, out, stderr = command(t, append([]string{"export", "nobody"}, flags...)...)
	if code != exitOK || out != "" || !strings.Contains(stderr, "Nothing is held about nobody.") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	file := filepath.Join(t.TempDir(), "ann.jsonl")
	for _, wanted := range []int{exitOK, exitFailure} { // it is not written over
		if code, _, stderr = command(t, append([]string{"export", "ann-17", "--out", file}, flags...)...); code != wanted {
			t.Errorf("--out: exit code %d, want %d: %s", code, wanted, stderr)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want it for its owner alone", info, err)
	}

	// What can't be read is said, and the rest is there.
	if err := l.conn.Exec(t.Context(), "RENAME TABLE late TO late_away"); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = command(t, append([]string{"export", "ann-17"}, flags...)...)
	if code != exitFailure || !strings.Contains(stderr, "the export of ann-17 is not whole: clickhouse.late") || strings.Count(out, "\n") < 10 {
		t.Errorf("exit code %d\n%s\n%s", code, stderr, out)
	}
	if err := l.conn.Exec(t.Context(), "RENAME TABLE late_away TO late"); err != nil {
		t.Fatal(err)
	}
}

func decoded(t *testing.T, value any) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(fmt.Sprint(value))
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}
