package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/status"
	"ebb/pipeline/shard"
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
		o.publish(t, customer, shopEvent(fmt.Sprint(i), customer, "nobody.knows"))
	}
	o.process(t)

	code, stdout, stderr := command(t, "status", "--json")
	var got status.Status
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
	l := serve.NewLosses(slog.New(slog.NewTextHandler(&log, nil)))
	l.Take(&shard.Cut{Loss: shard.Loss{Events: 10_000, Late: 90, Refused: 19, Unknown: 900}})
	l.Take(&shard.Cut{Partition: 1, Loss: shard.Loss{Events: 19, Refused: 19}})
	if log.Len() > 0 {
		t.Errorf("logged %s", &log)
	}
	for range 3 {
		l.Take(&shard.Cut{Partition: 1, Loss: shard.Loss{Events: 2120, Late: 2120}})
	}
	if strings.Count(log.String(), "later than the lateness") != 1 {
		t.Errorf("logged %s", &log)
	}
}

// Where customers come and nobody engages, no risk can come: it is said once an
// hour, and not before something has come.
func TestAStreamWithoutEngagementIsToldOf(t *testing.T) {
	var log bytes.Buffer
	l := serve.NewLosses(slog.New(slog.NewTextHandler(&log, nil)))
	l.LookForEngagement(19, [4]int64{})
	l.LookForEngagement(2000, [4]int64{0, 0, 0, 1})
	if log.Len() > 0 {
		t.Errorf("logged %s", &log)
	}
	for range 3 {
		l.LookForEngagement(20, [4]int64{})
	}
	if strings.Count(log.String(), "say what is engagement with vocabulary") != 1 {
		t.Errorf("logged %s", &log)
	}
}

// What is suggested to somebody without engagement mends it as printed.
func TestTheSuggestedVocabularyGivesEngagement(t *testing.T) {
	clearEnvironment(t)
	file := filepath.Join(t.TempDir(), "views.csv")
	rows := "event_time,customer_id,event_type\n"
	for day := range 90 {
		rows += time.Date(2026, 1, 1+day, 12, 0, 0, 0, time.UTC).Format(time.RFC3339) + ",c" + fmt.Sprint(day%3) + ",page.viewed\n"
	}
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stdout, stderr := command(t, "replay", "--dry-run", file)
	_, suggested, found := strings.Cut(stdout, "of ebb run: '")
	suggested, _, _ = strings.Cut(suggested, "'")
	if !found || suggested == "" || strings.Contains(stdout, "nknown") {
		t.Fatalf("nothing is suggested:\n%s%s", stdout, stderr)
	}
	if _, stdout, _ = command(t, "replay", "--dry-run", "--vocabulary", suggested, file); strings.Contains(stdout, "counts as engagement") {
		t.Errorf("%s mends nothing:\n%s", suggested, stdout)
	}
	if code, _, stderr := command(t, "backtest", file, "--horizon", "7d", "--resamples", "0", "--vocabulary", suggested); code != exitOK {
		t.Errorf("backtest with %s: %s", suggested, stderr)
	}
}
