package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/metric"
)

// TestMain lets the test binary be the children that a run starts of itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
	}
	os.Exit(m.Run())
}

func TestRunMeasuresEveryPart(t *testing.T) {
	var out, messages bytes.Buffer
	folder := t.TempDir()
	parts, keys := "decoder,shard,endtoend,backtest", []string{
		"decode_events_per_second", "decode_segment_events_per_second", "decode_segment_ratio_sonic", "shard_events_per_second_1m_zipf",
		"encoding_json_decode_events_per_second", "sonic_decode_events_per_second", "shard_over_encoding_json", "shard_over_sonic", "raw_events_per_second", "e2e_events_per_second", "e2e_ratio",
		"e2e_cuts", "e2e_messages", "e2e_batches", "e2e_rows", "backtest_rows_per_second", "backtest_read_seconds",
	}
	if !raceDetector { // lag runs the same engine, only longer
		parts += ",lag"
		keys = append(keys, "lag_p50_ms", "lag_p99_ms", "window_lag_p50_ms", "window_lag_p99_ms", "silence_lag_p99_ms", "lag_signals")
	}
	code := run(t.Context(), []string{
		"--json", "--parts=" + parts, "--folder=" + folder, "--known=1000", "--shard-events=50000", "--customers=500", "--events=4000", "--runs=2", "--live=15s", "--live-rate=200",
		"--history-rows=5000", "--history-customers=200",
	}, streams{strings.NewReader(""), &out, &messages})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, messages.String())
	}
	saved, err := os.ReadFile(folder + "/latest.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved, out.Bytes()) {
		t.Error("latest.json and what --json prints differ")
	}

	var figures map[string]any
	if err := json.Unmarshal(saved, &figures); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if value, ok := figures[key].(float64); !ok || value <= 0 {
			t.Errorf("%s is %v, want a number above 0", key, figures[key])
		}
	}
	if value, ok := figures["decode_allocs_per_event"].(float64); !ok || value != 0 {
		t.Errorf("decode_allocs_per_event is %v, want 0", figures["decode_allocs_per_event"])
	}
	if value := figures["e2e_runs"]; value != 2.0 {
		t.Errorf("e2e_runs is %v, want 2", value)
	}
}

// Every metric has its line, with the bytes of what it reads, and rows where the load feeds
// it; the table is as wide as a terminal.
func TestCostOfMetrics(t *testing.T) {
	var out, messages bytes.Buffer
	if code := run(t.Context(), []string{"child", "metrics", "--rounds=8", "--customers=500"}, streams{strings.NewReader(""), &out, &messages}); code != 0 {
		t.Fatalf("exit code %d: %s", code, messages.String())
	}
	var f metricsFigures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	found := map[string]metricFigures{}
	for _, m := range f.Metrics {
		found[m.Name] = m
	}
	for _, name := range append(metric.Switchable(), "base", "all") {
		if _, ok := found[name]; !ok {
			t.Errorf("there is no line of %s", name)
		}
	}
	if m := found["journey"]; m.Bytes != 2 || m.Rows <= 0 || found["base"].Bytes != 0 || found["all"].Bytes != metric.Width(metric.Columns()) {
		t.Errorf("journey is %+v, base %+v, all %+v", m, found["base"], found["all"])
	}
	if m := found["lifecycle"]; m.Rows != 0 || m.Daily <= 0 {
		t.Errorf("lifecycle is %+v", m)
	}
	for name, bytes := range map[string]int{"rollup kind+channel": 0, "orders by level": 0, "messages by recency": 24, "16 metrics by level": 58} {
		if m := found[name]; m.Bytes != bytes || m.Rows <= 0 {
			t.Errorf("%s is %+v, want %d bytes of a customer, and rows", name, m, bytes)
		}
	}
	var text bytes.Buffer
	f.print(&text)
	for line := range strings.Lines(text.String()) {
		if len(line) > 81 {
			t.Errorf("%d wide: %s", len(line), line)
		}
	}
}

func TestMemoryOfCustomers(t *testing.T) {
	var out, messages bytes.Buffer
	code := run(t.Context(), []string{"child", "memory", "--known=2000", "--days=1"}, streams{strings.NewReader(""), &out, &messages})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, messages.String())
	}
	var m memoryFigures
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if m.MemoryKnown != 2000 || m.MemoryRing <= 0 || m.RingEvent < 16 || m.MemoryWindows <= 0 {
		t.Errorf("figures %+v, want 2000 customers, and a ring of 16 bytes an event or more", m)
	}
}

func TestRunPrintsTables(t *testing.T) {
	var out, messages bytes.Buffer
	code := run(t.Context(), []string{"--parts=shard", "--known=1000", "--shard-events=50000", "--folder=" + t.TempDir()},
		streams{strings.NewReader(""), &out, &messages})
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, messages.String())
	}
	text := out.String()
	if !strings.Contains(text, "Shard: one core, 1,000 customers") || !strings.Contains(text, "only counts") || strings.Contains(text, "Decoder") {
		t.Errorf("printed %q, want the table of the shard alone", text)
	}
}

func TestBadFlagsAreRefused(t *testing.T) {
	for _, c := range []struct {
		flag string
		code int
		says string
	}{
		{"--parts=windows", 2, "--parts"},
		{"--events=10", 1, "--events is 10"},
		{"--runs=0", 1, "--runs is 0"},
		{"--known=1", 1, "--known is 1"},
		{"--shard-events=1", 1, "--shard-events is 1"},
		{"--live=1s", 1, "--live is 1s"},
		{"--budget=1s", 1, "--budget is 1s"},
		{"--customers=0", 1, "--customers is 0"},
		{"--live-rate=0", 1, "--live-rate is 0"},
	} {
		var out, messages bytes.Buffer
		code := run(t.Context(), []string{c.flag, "--folder=" + t.TempDir()}, streams{strings.NewReader(""), &out, &messages})
		if code != c.code || !strings.Contains(messages.String(), c.says) {
			t.Errorf("%s: exit code %d and %q, want %d and %q", c.flag, code, messages.String(), c.code, c.says)
		}
	}
}

func TestHelpHasExamples(t *testing.T) {
	var out, messages bytes.Buffer
	code := run(t.Context(), []string{"run", "--help"}, streams{strings.NewReader(""), &out, &messages})
	if code != 0 || !strings.Contains(out.String(), "Examples:") || !strings.Contains(out.String(), "--parts") {
		t.Errorf("exit code %d, printed %s", code, out.String())
	}
}

func TestStatistics(t *testing.T) {
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("median of 9, 1, 5 = %v", got)
	}
	if got := median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("median of 4, 1, 2, 3 = %v", got)
	}
	values := make([]int64, 200) // 1 to 200, backwards
	for i := range values {
		values[i] = int64(200 - i)
	}
	for p, want := range map[float64]int64{0: 1, 0.5: 100, 0.99: 198, 1: 200} {
		if got := percentile(values, p); got != want {
			t.Errorf("percentile %v of 1 to 200 = %d, want %d", p, got, want)
		}
	}
	for v, want := range map[float64]string{0: "0", 999.4: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := count(v); got != want {
			t.Errorf("count(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestUntilMinute(t *testing.T) {
	for second, want := range map[int]int{0: 52, 30: 22, 52: 0, 54: 0, 57: 55} {
		now := time.Date(2026, 5, 4, 12, 0, second, 0, time.UTC)
		if got := untilMinute(now, 8*time.Second); got != time.Duration(want)*time.Second {
			t.Errorf("at second %d wait %v, want %d s", second, got, want)
		}
	}
}

func TestMemoryFitsIntoTheBudget(t *testing.T) {
	c := &runCommand{Known: 1_000_000, Budget: 8 * time.Minute}
	for _, test := range []struct {
		shard *shardFigures
		want  int
	}{
		{nil, 1_000_000},
		{&shardFigures{Shard: 800_000}, 1_000_000},
		{&shardFigures{Shard: 100_000}, 400_000},
		{&shardFigures{Shard: 1}, 1000},
	} {
		if got := c.memoryCustomers(test.shard); got != test.want {
			t.Errorf("%+v: %d customers, want %d", test.shard, got, test.want)
		}
	}
}

func TestMemoryClock(t *testing.T) {
	const all = memoryDays * memoryHours * 3600 // an event a second of the hours
	start := memoryStart().UnixMilli()
	for n, want := range map[uint64]time.Duration{
		0:                       0,
		1:                       time.Second,
		memoryHours * 3600:      24 * time.Hour, // the first of the second day
		memoryHours*3600 - 1:    memoryHours*time.Hour - time.Second,
		27 * memoryHours * 3600: 27 * 24 * time.Hour,
	} {
		if got := memoryClock(n, all, memoryDays) - start; got != want.Milliseconds() {
			t.Errorf("event %d comes %d ms after the start, want %v", n, got, want)
		}
	}
}
