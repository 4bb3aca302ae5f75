package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ebb/pipeline"
)

// Events that all come too late are a warning with the remedy, in the log and
// in the status, and so are refused ones and unknown types.
func TestLossIsSaid(t *testing.T) {
	o := startOperated(t)
	old := time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	for i := range 40 {
		customer := fmt.Sprintf("c%d", i)
		o.publish(t, customer, fmt.Sprintf(`{"id":"l%d","time":%q,"customer":%q,"type":"page.viewed"}`, i, old, customer))
		o.publish(t, customer, "junk")
		o.publish(t, customer, event(fmt.Sprint(i), customer, "nobody.knows"))
	}
	o.process(t)

	code, stdout, stderr := command(t, "status", "--json")
	var got status
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if l := got.Loss; l.Events != 120 || l.Late != 40 || l.Refused != 40 || l.Unknown != 40 || len(l.Warnings) != 3 {
		t.Errorf("loss %+v", l)
	}
	_, stdout, _ = command(t, "status")
	for _, want := range []string{"40 of the last 120 events", "raise lateness", "ebb deadletters list", "add them to vocabulary"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

// A little loss is usual, and the log repeats nothing within the hour.
func TestLossIsLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	l := newLosses(slog.New(slog.NewTextHandler(&log, nil)))
	l.take(&pipeline.Cut{Loss: pipeline.Loss{Events: 10_000, Late: 90, Refused: 19, Unknown: 900}})
	l.take(&pipeline.Cut{Partition: 1, Loss: pipeline.Loss{Events: 19, Refused: 19}})
	if log.Len() > 0 {
		t.Errorf("logged %s", &log)
	}
	for range 3 {
		l.take(&pipeline.Cut{Partition: 1, Loss: pipeline.Loss{Events: 2120, Late: 2120}})
	}
	if strings.Count(log.String(), "later than the lateness") != 1 {
		t.Errorf("logged %s", &log)
	}
}
