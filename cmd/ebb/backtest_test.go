package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/backtest"
)

// backtestFile is a file of customers of whom every third leaves half way.
func backtestFile(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type,value\n")
	begins := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for hour := range 24 * 90 {
		for c := range 60 {
			gone := c%3 == 0 && hour > 24*(30+c/2)
			if (hour+7*c)%(24*(2+c%5)) == 0 && !gone {
				fmt.Fprintf(&b, "%s,c%d,order.completed,10\n", begins.Add(time.Duration(hour)*time.Hour).Format(time.RFC3339), c)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func TestBacktestJSON(t *testing.T) {
	clearEnvironment(t)
	file := backtestFile(t)
	args := []string{"backtest", file, "--horizon", "10d", "--json", "--seed", "3", "--resamples", "20"}
	code, stdout, stderr := command(t, args...)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var report map[string]any
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"auc_still_active", "pr_auc", "top_decile_lift", "brier", "ece", "observed_over_expected", "evaluation_times", "rows", "base_rate",
	} {
		if _, ok := report[key].(float64); !ok {
			t.Errorf("%s is %v, want a number", key, report[key])
		}
	}
	signals, _ := report["signals"].(map[string]any)
	for _, key := range []string{"precision", "recall", "lead_time_days_median", "level_changes_per_customer_month", "cleared_within_24h"} {
		if _, ok := signals[key]; !ok {
			t.Errorf("signals lack %s", key)
		}
	}
	baselines, _ := report["baselines"].(map[string]any)
	if got, want := slices.Sorted(maps.Keys(baselines)), []string{"bgnbd_p0", "decayed_count", "gamma_poisson_p0", "recency", "recency_over_gap"}; !slices.Equal(got, want) {
		t.Errorf("baselines %v, want %v", got, want)
	}
	later, _ := report["later_half"].(map[string]any)
	if interval, _ := later["interval"].([]any); later["evaluation_times"] != 6.0 || len(interval) != 2 || later["auc"] == nil {
		t.Errorf("later half %v", later)
	}
	cold, _ := report["cold"].(map[string]any)
	for _, key := range []string{"detector", "closed_form"} {
		if scores, _ := cold[key].(map[string]any); cold["evaluation_times"] != 4.0 || scores["brier"] == nil {
			t.Errorf("cold phase %v lacks the figures of %s", cold, key)
		}
	}
	parameters, _ := report["parameters"].(map[string]any)
	for _, key := range []string{"rates", "weights"} {
		if _, ok := parameters[key]; !ok {
			t.Errorf("parameters %v lack %s", slices.Sorted(maps.Keys(parameters)), key)
		}
	}
	intervals, _ := report["intervals"].(map[string]any)
	if auc, _ := intervals["auc_still_active"].([]any); len(auc) != 2 {
		t.Errorf("interval of the AUC is %v", intervals["auc_still_active"])
	}
	if _, again, _ := command(t, args...); again != stdout {
		t.Error("the same seed gives another report")
	}
}

func TestBacktestForPeople(t *testing.T) {
	clearEnvironment(t)
	file := backtestFile(t)
	page := filepath.Join(t.TempDir(), "report.html")
	code, stdout, stderr := command(t, "backtest", file, "--horizon", "auto", "--html", page, "--resamples", "10", "--thresholds", "0.8,0.3,0.65,0.8")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		"events.csv (mapping csv)", "of 60 customers, 2026-01-01 to 2026-03-31", "Horizon 7d (from the rhythm of the file)",
		"In the later half of the times: AUC ", "Cold, in the first 7d, before anything is learned from outcomes: AUC ",
		"AUC beside baselines on the same rows", "BG/NBD P(none)", "raised at_risk", "The signals at other thresholds", "\n0.65 ", "By evaluation time",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the report lacks %q:\n%s", want, stdout)
		}
	}
	_, curve, _ := strings.Cut(stdout, "\nAs signals would be from other risks on")
	curve, _, _ = strings.Cut(curve, "\n\n")
	if lines := strings.Split(curve, "\n"); len(lines) < 14 || strings.Count(curve, "\n  * ") != 1 || !strings.Contains(curve, "by silence") || !strings.Contains(curve, "by chance") {
		t.Errorf("the curve is %q", curve)
	}
	for line := range strings.SplitSeq(curve, "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line of the curve has more than 80 columns: %q", line)
		}
	}
	if low, high := strings.Index(stdout, "\n0.3 "), strings.Index(stdout, "\n0.8 "); low < 0 || low > high || strings.Count(stdout, "\n0.8 ") != 1 {
		t.Errorf("thresholds are sorted, each once:\n%s", stdout)
	}
	if written, err := os.ReadFile(page); err != nil || !strings.Contains(string(written), "<svg") {
		t.Errorf("page: %v, %d bytes", err, len(written))
	}
}

// Who reads no further than the first lines, or the first screen, knows what the
// signals were worth; both say the same.
func TestBacktestBeginsWithTheVerdict(t *testing.T) {
	clearEnvironment(t)
	page := filepath.Join(t.TempDir(), "report.html")
	code, stdout, stderr := command(t, "backtest", backtestFile(t), "--horizon", "7d", "--html", page, "--resamples", "0")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	verdict, rest, found := strings.Cut(stdout, "\n\n")
	if !found || !strings.HasPrefix(verdict, "We would have told you of a customer ") && !strings.HasPrefix(verdict, "Of 100 customers we would have told you about, ") ||
		!strings.Contains(rest, "events.csv (mapping csv)") {
		t.Fatalf("the report begins with\n%s", stdout)
	}
	for line := range strings.Lines(verdict) {
		if n := len([]rune(strings.TrimSpace(line))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	_, after, _ := strings.Cut(string(written), "<h1>")
	headline, _, _ := strings.Cut(after, "</h1>")
	if plain := strings.Join(strings.Fields(verdict), " "); len(headline) < 40 || !strings.HasPrefix(plain, headline) || !strings.Contains(plain, "used to bring") {
		t.Errorf("the page says %q, the report\n%s", headline, verdict)
	}
}

// A file whose types nobody knows is tested on what it says of them, and the
// report tells what was taken for what.
func TestBacktestOfAFileWithTypesOfItsOwn(t *testing.T) {
	clearEnvironment(t)
	known, err := os.ReadFile(backtestFile(t))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(known)), "\n")[1:]
	write := func(header string, row func(i int, cells []string) string) string {
		var b strings.Builder
		b.WriteString(header + "\n")
		for i, text := range rows {
			b.WriteString(row(i, strings.Split(text, ",")) + "\n")
		}
		path := filepath.Join(t.TempDir(), "own.csv")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}

		return path
	}
	kinds := write("event_time,customer_id,event_type,engagement", func(i int, c []string) string {
		return c[0] + "," + c[1] + "," + []string{"played,active", "played,active", "listened,micro", "mailed,passive"}[i%4]
	})
	typed := write("event_time,customer_id,event_type", func(i int, c []string) string {
		return c[0] + "," + c[1] + "," + []string{"played", "listened"}[i%2]
	})
	plain := write("event_time,customer_id", func(_ int, c []string) string { return c[0] + "," + c[1] })
	passive := write("event_time,customer_id,event_type,engagement", func(_ int, c []string) string {
		return c[0] + "," + c[1] + ",viewed,passive"
	})
	for _, test := range []struct {
		name, file string
		args       []string
		qualifying int
		words      string
	}{
		{"kinds", kinds, nil, len(rows) - len(rows)/4, "By the file passive, so no engagement: mailed"},
		{"types", typed, nil, len(rows), "Nothing tells which types of own.csv are engagement"},
		{"neither", plain, nil, len(rows), ""},
		{"one is known", typed, []string{"--vocabulary", "played=active"}, (len(rows) + 1) / 2, "Unknown and never counted as engagement: listened"},
		{"made to count", passive, []string{"--vocabulary", "viewed=passive;qualifying"}, len(rows), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"backtest", test.file, "--horizon", "10d", "--resamples", "0"}, test.args...)
			code, stdout, stderr := command(t, append(args, "--json")...)
			var report struct {
				Log struct {
					Qualifying int `json:"qualifying"`
				} `json:"log"`
			}
			if err := json.Unmarshal([]byte(stdout), &report); code != exitOK || err != nil {
				t.Fatalf("exit code %d, %v: %s", code, err, stderr)
			}
			if report.Log.Qualifying != test.qualifying || !strings.Contains(stderr, test.words) {
				t.Errorf("%d qualifying, want %d; stderr %q lacks %q", report.Log.Qualifying, test.qualifying, stderr, test.words)
			}
			if _, stdout, _ := command(t, args...); !strings.Contains(stdout, test.words) {
				t.Errorf("the report lacks %q:\n%s", test.words, stdout)
			}
		})
	}
	code, stdout, stderr := command(t, "backtest", passive, "--horizon", "10d")
	if code != exitFailure || stdout != "" || !strings.Contains(stderr, "counts as engagement (passive: viewed") || !strings.Contains(stderr, "--vocabulary") {
		t.Errorf("nothing qualifies: exit code %d, %q, %q", code, stdout, stderr)
	}
}

func TestBacktestOfSomeCustomersAtATime(t *testing.T) {
	clearEnvironment(t)
	file := backtestFile(t)
	only := filepath.Join(t.TempDir(), "ids.txt")
	if err := os.WriteFile(only, []byte("c1\n\n c2 \nc3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(t, "backtest", file, "--only", only, "--at", "2026-03-01", "--at", "2026-03-02T12:00:00Z", "--churn.horizon", "5d", "--resamples", "0", "--json")
	var report struct {
		Log struct {
			Customers int `json:"customers"`
		} `json:"log"`
		Times   int   `json:"evaluation_times"`
		Horizon int64 `json:"horizon_ms"`
	}
	if err := json.Unmarshal([]byte(stdout), &report); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, stderr)
	}
	if report.Log.Customers != 3 || report.Times != 2 || report.Horizon != (5*setting.Day).Milliseconds() {
		t.Errorf("report %+v", report)
	}
}

func TestBacktestCanBeInterrupted(t *testing.T) {
	clearEnvironment(t)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var out, problems bytes.Buffer
	code := run(ctx, []string{"backtest", backtestFile(t), "--horizon", "10d"}, &out, &problems)
	if code != exitFailure || out.Len() > 0 || !strings.Contains(problems.String(), "was interrupted; nothing was written") {
		t.Errorf("exit code %d, %q, %q", code, out.String(), problems.String())
	}
}

func TestBacktestRefuses(t *testing.T) {
	clearEnvironment(t)
	file := backtestFile(t)
	empty := filepath.Join(t.TempDir(), "ids.txt")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"no file", []string{"/nowhere.csv"}, exitUsage, "/nowhere.csv"},
		{"no duration", []string{file, "--horizon", "soon"}, exitUsage, `--horizon: "soon" is no duration`},
		{"a short horizon", []string{file, "--horizon", "1s"}, exitUsage, `--horizon is "1s": use 1m to 3660d`},
		{"resamples", []string{file, "--resamples", "20000"}, exitUsage, `--resamples is "20000": use 0 to 10000`},
		{"no threshold", []string{file, "--horizon", "10d", "--thresholds", "0.7,0"}, exitUsage, `--thresholds is "0": name risks from 0.0002 to 0.9999, such as 0.7,0.85`},
		{"a certain threshold", []string{file, "--thresholds", "1"}, exitUsage, `--thresholds is "1": name risks from 0.0002`},
		{"a threshold in percent", []string{file, "--thresholds", "85"}, exitUsage, `--thresholds is "85": name risks from 0.0002`},
		{"a threshold that is none", []string{file, "--thresholds", "NaN"}, exitUsage, `--thresholds is "NaN": name risks from 0.0002`},
		{"many thresholds", []string{file, "--thresholds", manyThresholds()}, exitUsage, `--thresholds is "21 risks": name at most 20`},
		{"no time", []string{file, "--at", "noon"}, exitUsage, `--at is "noon": write a time like 2026-03-01`},
		{"a time without an outcome", []string{file, "--horizon", "10d", "--at", "2026-03-30"}, exitFailure, "choose one from"},
		{"too long a horizon", []string{file, "--horizon", "60d"}, exitFailure, "choose a shorter --horizon, such as 7d"},
		{"nobody", []string{file, "--only", empty}, exitFailure, "names no customer"},
		{"no mapping", []string{file, "--mapping", "shpo"}, exitFailure, `no mapping is called "shpo"`},
		{"no page", []string{file, "--horizon", "10d", "--resamples", "0", "--html", "/nowhere/page.html"}, exitFailure, "--html"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := command(t, append([]string{"backtest"}, test.args...)...)
			if code != test.code || !strings.Contains(stderr, test.stderr) {
				t.Errorf("exit code %d and %q, want %d and %q", code, stderr, test.code, test.stderr)
			}
		})
	}
}

// Where nobody leaves, much can't be said; it is a dash, not NaN.
func TestBacktestWithoutLossesPrintsNoNaN(t *testing.T) {
	clearEnvironment(t)
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type\n")
	for day := range 60 {
		at := time.Date(2026, 1, 1+day, 9, 0, 0, 0, time.UTC)
		if day == 20 {
			at = at.AddDate(12, 0, 0)
		}
		fmt.Fprintf(&b, "%s,c%d,order.completed\n", at.Format(time.RFC3339), day%5)
	}
	dir := t.TempDir()
	file, html := filepath.Join(dir, "events.csv"), filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(t, "backtest", file, "--horizon", "10d", "--html", html, "--resamples", "5", "--thresholds", "0.9")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	page, err := os.ReadFile(html)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stdout+string(page), "NaN") || !strings.Contains(stdout, "row 21 2038-01-21") || !strings.Contains(stdout, "59 events of 5 customers") {
		t.Errorf("the report is\n%s", stdout)
	}
}

// manyThresholds are one more than can be tried at once.
func manyThresholds() string {
	var texts []string
	for i := range backtest.MaxThresholds + 1 {
		texts = append(texts, fmt.Sprintf("0.%d", 50+i))
	}

	return strings.Join(texts, ",")
}
