package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/sinks/deliver"
)

// Rows that ClickHouse refused are there once the cause is gone and they are
// sent again, and the proof finds every one of them.
func TestRowsThatClickHouseRefusedAreSentAgain(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	l.surroundings = surroundings{"nats.url": l.url, "clickhouse.addr": l.database.Addr, "clickhouse.database": l.database.Name}
	exec := func(statement string) {
		t.Helper()
		if err := l.conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("ALTER TABLE rollups_type ADD CONSTRAINT few CHECK type != 'page.viewed'")
	l.start(t)
	for i, customer := range []string{"ann", "ben", "eva"} {
		l.publish(t, customer, eventAt(fmt.Sprintf("seen-%d", i), customer, "page.viewed", time.Now().Add(-time.Second)))
		l.publish(t, customer, eventAt(fmt.Sprintf("bought-%d", i), customer, "order.completed", time.Now()))
	}
	count := func(stream, filter string) (n int) {
		l.each(t, stream, filter, func(*natsjs.RawStreamMsg) { n++ })

		return n
	}
	refused := func() int { return count("ENGAGEMENT_DEADLETTERS", "engagement.deadletters."+deliver.RefusedReason) }
	eventually(t, "refused rows", func() bool { return refused() > 0 })
	rows := func() int { return len(l.rowsOf(t, "rollups_type")) }
	input := count("ENGAGEMENT", "engagement.p.*")

	code, out, problems := l.command(t, "deadletters", "requeue", "--reason", "sink_refused", "--dry-run")
	if code != exitOK || !strings.HasPrefix(out, "Would write ") {
		t.Errorf("dry run: %d %s%s", code, out, problems)
	}
	code, out, problems = l.command(t, "deadletters", "requeue", "--reason", "sink_refused", "--json")
	var result requeued
	if err := json.Unmarshal([]byte(out), &result); err != nil || code == exitOK || result.Messages > 0 || len(result.Refused) == 0 {
		t.Errorf("while the cause is there: %d %v %s%s", code, err, out, problems)
	}

	exec("ALTER TABLE rollups_type DROP CONSTRAINT few")
	l.settle(t)
	letters, before := refused(), rows()
	for range 2 {
		code, out, problems = l.command(t, "deadletters", "requeue", "--reason", "sink_refused", "--json")
		if err := json.Unmarshal([]byte(out), &result); err != nil || code != exitOK || result.Messages != letters || result.Rows == 0 || result.Sent != 0 {
			t.Fatalf("requeue: %d %v %s%s", code, err, out, problems)
		}
	}
	if rows() <= before {
		t.Errorf("%d rows before and %d after", before, rows())
	}
	if got := refused(); got != letters {
		t.Errorf("%d dead letters, want %d", got, letters)
	}
	if got := count("ENGAGEMENT", "engagement.p.*"); got != input {
		t.Errorf("the input has %d events, and had %d", got, input)
	}
	r := l.verified(t)
	for _, table := range r.Verification.Tables {
		for _, example := range table.Examples {
			t.Errorf("%s %s: %s", table.Table, table.Window, example)
		}
	}
	var dark uint64
	if err := l.conn.QueryRow(t.Context(), "SELECT countIf(toUnixTimestamp64Milli(era) = 0) FROM deadletters").Scan(&dark); err != nil || dark > 0 {
		t.Errorf("%d dead letters have no era: %v", dark, err)
	}
}
