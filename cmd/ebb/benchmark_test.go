package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of figures of others is held against one's own once it is loaded; what can't
// be used is named, and changes nothing.
func TestBenchmarkLoad(t *testing.T) {
	args, conn := measured(t)
	someRows(t, conn)
	execAll(t, conn, "INSERT INTO rollups_total (window, window_end, partition, events, customers, version, era) VALUES ('28d', '2020-02-29 00:00:00.000', 0, 50, 30, 1, '2020-01-01 00:00:00.000')")
	file := filepath.Join(t.TempDir(), "benchmark.csv")
	load := func(lines string) (int, string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("metric,segment,figure,value,source\n"+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := command(t, append([]string{"benchmark", "load", file}, args...)...)

		return code, stdout + stderr
	}
	for range 2 {
		if code, said := load("total,,customers,25,a study\n"); code != exitOK || !strings.Contains(said, "1 figures of others are set") {
			t.Fatalf("exit code %d: %s", code, said)
		}
	}
	if code, said := load("total,,customers,many,a study\n"); code != exitFailure || !strings.Contains(said, `benchmark.csv: a figure can't be held against it: line 2: value is "many"`) {
		t.Errorf("exit code %d: %s", code, said)
	}
	var value, industry, against float64
	var source string
	if err := conn.QueryRow(t.Context(), "SELECT assumeNotNull(value), assumeNotNull(industry), assumeNotNull(against_industry), source FROM v_benchmark WHERE metric = 'total' AND figure = 'customers'").
		Scan(&value, &industry, &against, &source); err != nil || value != 30 || industry != 25 || against != 1.2 || source != "a study" {
		t.Errorf("%v against %v is %v, of %q, %v", value, industry, against, source, err)
	}

	code, _, stderr := command(t, "benchmark", "load", file, "--clickhouse.addr", "127.0.0.1:1")
	if code != exitFailure || !strings.Contains(stderr, `value is "many"`) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if err := os.WriteFile(file, []byte("metric,segment,figure,value,source\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr = command(t, "benchmark", "load", file, "--clickhouse.addr", "127.0.0.1:1")
	if code != exitFailure || !strings.Contains(stderr, "nothing was set: ClickHouse at 127.0.0.1:1") || strings.Count(stderr, "\n") > 1 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestBenchmarkFigures(t *testing.T) {
	clearEnvironment(t)
	said := commandOutput(t, "benchmark", "figures")
	for _, want := range []string{"sentiment.mean_sentiment: Mean sentiment (points), all and by channel\n", "total.customers: Active customers (customers), all\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

// Targets are settings of this instance, and refused with their remedy.
func TestTargetsAreChecked(t *testing.T) {
	clearEnvironment(t)
	for flag, want := range map[string]string{
		"--benchmarks.targets=sentiment.mean_sentimen>=1":            "did you mean sentiment.mean_sentiment?",
		"--benchmarks.targets=total.customers=1":                     "says neither >= nor <=",
		"--benchmarks.targets=total.customers>=1,total.customers<=2": "for one figure; leave one out",
		"--benchmarks.file=nowhere.csv":                              "benchmarks.file: open nowhere.csv",
	} {
		code, _, stderr := command(t, "check", flag)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d: %s", flag, code, stderr)
		}
	}
}
