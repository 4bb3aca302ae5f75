package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// History beside live events: a source with it is not begun, and says so; a second ebb
// beside, with the old one's input as another source, has both in the order of time.
func TestSourceBesideLiveEvents(t *testing.T) {
	s := newSourced(t)
	t.Setenv("EBB_CLICKHOUSE_ENABLED", "false")
	config := func(text string) string {
		file := filepath.Join(t.TempDir(), "ebb.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}

		return file
	}
	old, address := startRun(t, "--config", config("lateness: 10m\n"))
	const direct = 60
	now := time.Now()
	for i, o := range ordersOf("direct", direct, now.Add(-4*time.Minute), now.Add(-time.Minute)) {
		s.publish(t, o.customer, eventAt(o.id, o.customer, "page.viewed", o.at))
		if i == 0 {
			eventually(t, "the first event", func() bool { return processed(t, address) == 1 })
		}
	}
	past := ordersOf("segment", 300, now.Add(-20*24*time.Hour), now.Add(-2*time.Hour))
	s.put(t, messagesOf(past, nil, nil)...)
	eventually(t, "live events", func() bool { return processed(t, address) == direct })
	if code := old.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, old.output)
	}

	old, address = startRun(t, "--config", config(fiveLines))
	eventually(t, "the source to be blocked", func() bool {
		_, text := fetch(t, address+"/readyz")

		return strings.Contains(text, "source_away") && strings.Contains(text, "build beside")
	})

	beside := config(fiveLines + "  - {name: before, stream: ENGAGEMENT, subjects: [engagement.p.*], format: native}\nstream: {prefix: second}\n")
	second, secondAt := startSourced(t, beside)
	s.untilProcessed(t, second, direct+300)
	s.put(t, messagesOf(ordersOf("segment", 10, time.Now().Add(-time.Minute), time.Now()), nil, nil)...)
	o := ordersOf("direct", 1, time.Now(), time.Now().Add(time.Second))[0]
	s.publish(t, o.customer, eventAt("last", o.customer, "page.viewed", time.Now()))
	s.untilProcessed(t, second, direct+300+11)
	if late := outcomes(t, secondAt, "late_dropped", "duplicates", "dead_letters"); late > 0 {
		t.Errorf("%d events of the second are late, there twice or refused", late)
	}
	code, out, text := command(t, "source", "list", "--config", beside)
	if code != exitOK || strings.Count(out, "live") != 2 {
		t.Errorf("source list: exit code %d\n%s%s", code, out, text)
	}
	code, out, text = command(t, "status", "--stream.prefix", "second")
	if code != exitOK || !strings.Contains(out, "orders  ORDERS") || !strings.Contains(out, "before  ENGAGEMENT") {
		t.Errorf("status: exit code %d\n%s%s", code, out, text)
	}
	code, out, text = command(t, "source", "try", "orders", "--events", "3", "--json", "--config", beside)
	if code != exitOK || strings.Count(out, `"format":"segment"`) != 3 {
		t.Errorf("source try: exit code %d\n%s%s", code, out, text)
	}
	code, out, text = command(t, "check", "--config", beside)
	if !strings.Contains(out, "source orders: stream ORDERS: message 1 is read as segment") || !strings.Contains(out, "source before: stream ENGAGEMENT: ") {
		t.Errorf("check: exit code %d\n%s%s", code, out, text)
	}
	for _, p := range []*process{old, second} {
		if code := p.stop(t, syscall.SIGTERM); code != exitOK {
			t.Errorf("exit code %d\n%s", code, p.output)
		}
	}
}
