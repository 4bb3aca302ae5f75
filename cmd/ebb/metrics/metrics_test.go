package metrics_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/metrics"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

var update = flag.Bool("update", false, "write the golden files again")

// described are the descriptions of names.
func described(t *testing.T, names ...string) []metric.Description {
	t.Helper()
	all := make([]metric.Description, len(names))
	for i, name := range names {
		var known bool
		if all[i], known = metric.Find(metric.Describe(), name); !known {
			t.Fatalf("%s is not described", name)
		}
	}

	return all
}

// sample is what ClickHouse might say.
func sample() clickhouse.Feeding {
	return clickhouse.Feeding{
		Clock: time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC),
		Fed: map[string]clickhouse.Fed{
			"sentiment":     {},
			"total":         {Rows: 672, Window: "24h", Last: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
			"levels":        {Rows: 1, Last: time.Date(2026, 2, 28, 23, 59, 0, 0, time.UTC)},
			"model_quality": {Problem: "its tables are not there yet; `ebb run` makes them"},
		},
	}
}

// What is printed for people is as it was, and fits a terminal.
func TestPrinted(t *testing.T) {
	for _, test := range []struct {
		name  string
		print func(*bytes.Buffer) error
	}{
		{"list", func(to *bytes.Buffer) error {
			r := metrics.New(described(t, "total", "sentiment", "levels", "model_quality"), "ebb")
			r.Add(sample())

			return r.Print(to, call.Given{})
		}},
		{"list_columns", func(to *bytes.Buffer) error {
			r := metrics.New(described(t, "late"), "ebb")
			r.Keep([]*metric.StateColumn{
				{Name: "stage", Definition: "Where the customer is, and everything else that a sentence can say of it beyond a line.", Bytes: 2},
				{Name: "visits", Definition: "How many there were.", Bytes: 4},
			})

			return r.Print(to, call.Given{})
		}},
		{"list_offline", func(to *bytes.Buffer) error {
			r := metrics.New(described(t, "sentiment", "deadletters"), "ebb")
			r.NotAsked = "Could not look which are fed: ClickHouse at 127.0.0.1:8123: connection refused."

			return r.Print(to, call.Given{})
		}},
		{"list_empty", func(to *bytes.Buffer) error {
			r := metrics.New(described(t, "late"), "ebb")
			r.Add(clickhouse.Feeding{Fed: map[string]clickhouse.Fed{"late": {}}})

			return r.Print(to, call.Given{})
		}},
		{"sentiment", func(to *bytes.Buffer) error {
			r := metrics.New(described(t, "sentiment"), "ebb")
			r.Add(sample())

			return r.PrintOne(to, call.Given{})
		}},
		{"model_quality", func(to *bytes.Buffer) error {
			r := metrics.New(described(t, "model_quality"), "other")
			r.Add(sample())

			return r.PrintOne(to, call.Given{})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := test.print(&got); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(got.String()) {
				if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 80 {
					t.Errorf("more than 80 columns: %s", line)
				}
			}
			file := filepath.Join("testdata", test.name+".txt")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("%s is another; go test ./cmd/ebb/metrics -update writes it again:\n%s", file, got.String())
			}
		})
	}
}

// All of them fit, whatever is declared, in the list and alone, with the longest name
// that a database may have.
func TestEveryMetricFitsATerminal(t *testing.T) {
	for _, d := range metric.Describe() {
		r := metrics.New([]metric.Description{d}, strings.Repeat("d", 40))
		var got bytes.Buffer
		if err := r.Print(&got, call.Given{}); err != nil {
			t.Fatal(err)
		}
		if err := r.PrintOne(&got, call.Given{}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(got.String()) {
			if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("%s: more than 80 columns: %s", d.Name, line)
			}
		}
		for _, c := range append(d.Columns, d.Stored...) {
			if !strings.Contains(got.String(), c.Name) {
				t.Errorf("%s: nothing is said of %s", d.Name, c.Name)
			}
		}
	}
}
