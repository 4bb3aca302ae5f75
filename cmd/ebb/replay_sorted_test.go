package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
)

// A file that is not in order is sorted, and killed on the way; resumed, it goes
// on in the same order: each row is there once, none is late, and every row of
// the tables is proved.
func TestAnImportThatIsSortedGoesOn(t *testing.T) {
	t.Parallel()
	const rows, days = 11_000, 60 // more than two rounds of questions
	l := newWhole(t, map[string]string{"churn.horizon": "14d", "ttl.rollups": "1m=14d,5m=60d,1h=400d,24h=0s,7d=0s,28d=0s"})
	if err := l.engine.Stop(); err != nil { // nobody answers at first
		t.Fatal(err)
	}
	begin := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(7, 7))
	var text strings.Builder
	text.WriteString("event_time,customer_id,event_type\n")
	for _, i := range random.Perm(rows) {
		at := begin.Add(time.Duration(i) * days * 24 * time.Hour / rows).Format(time.RFC3339)
		fmt.Fprintf(&text, "%s,c%d,order.completed\n", at, i%97)
	}
	file := filepath.Join(t.TempDir(), "shuffled.csv")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}

	stored := func() int {
		status, err := jetstream.LastImport(t.Context(), l.js, l.layout)
		if err != nil {
			t.Fatal(err)
		}

		return status.Rows
	}
	killed := l.startProcess(t, "replay", file)
	killed.says(t, "(sorted by time)")
	last := 0
	eventually(t, "the import to wait for an answer", func() bool {
		before := last
		last = stored()
		time.Sleep(500 * time.Millisecond)

		return last > 0 && last == before
	})
	if code := killed.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d:\n%s", code, killed.output)
	}
	if last >= rows {
		t.Fatalf("%d rows were stored before it was killed; that is no interruption", last)
	}

	l.start(t)
	code, _, stderr := l.command(t, "replay", file)
	if code != exitFailure || !strings.Contains(stderr, "--resume") {
		t.Errorf("without --resume: exit code %d, %q", code, stderr)
	}
	var imported jetstream.ImportStatus
	l.commandJSON(t, &imported, "replay", file, "--resume", "--json")
	if imported.State != jetstream.ImportFrozen || imported.Rows != rows {
		t.Errorf("resumed: %+v, want %d rows, frozen", imported, rows)
	}
	l.settle(t)
	if counts, _, _ := l.engine.Totals(); counts.Processed != rows || counts.LateDropped+counts.Duplicates+counts.DeadLetters > 0 {
		t.Errorf("%+v, want %d processed and nothing else", counts, rows)
	}
	ids := map[string]bool{}
	newest := map[string]string{} // by partition
	take := func(subject string, row []byte) {
		var event struct{ ID, Time string }
		if json.Unmarshal(row, &event) != nil || event.ID == "" {
			return // a mark or a tick
		}
		if ids[event.ID] {
			t.Errorf("row %s is there twice", event.ID)
		}
		if event.Time < newest[subject] {
			t.Errorf("row %s of %s stands behind %s", event.ID, event.Time, newest[subject])
		}
		ids[event.ID], newest[subject] = true, event.Time
	}
	l.each(t, l.layout.Stream, "engagement.h.*", func(m *natsjs.RawStreamMsg) {
		count, _ := strconv.Atoi(m.Header.Get(event.HeaderRows))
		if rows, ok := event.SplitRows(nil, m.Data, count); ok {
			for _, row := range rows {
				take(m.Subject, row.Body)
			}

			return
		}
		take(m.Subject, m.Data)
	})
	if len(ids) != rows {
		t.Errorf("%d rows are in the stream, want %d", len(ids), rows)
	}
	l.prove(t)
}
