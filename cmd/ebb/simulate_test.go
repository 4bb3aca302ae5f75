package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A simulated history is a file that ebb reads without a word about it, and the same
// seed writes the same.
func TestSimulateWritesAHistory(t *testing.T) {
	clearEnvironment(t)
	folder := t.TempDir()
	var files [2][]byte
	for i := range files {
		path := filepath.Join(folder, fmt.Sprint(i, ".jsonl"))
		code, out, problem := command(t, "simulate", "--out", path, "--customers", "40", "--days", "30", "--json")
		var said struct{ Events int }
		if err := json.Unmarshal([]byte(out), &said); code != exitOK || err != nil {
			t.Fatalf("exit code %d, %q, %s, %v", code, out, problem, err)
		}
		var err error
		if files[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(files[i]), "\n"); lines != said.Events || lines < 300 {
			t.Errorf("%d lines, want %d as it says, and some hundreds", lines, said.Events)
		}
	}
	short := min(len(files[0]), len(files[1])) / 2 // the second one ends a little later
	if !bytes.Equal(files[0][:short], files[1][:short]) {
		t.Error("the same seed wrote another history")
	}
	code, out, problem := command(t, "replay", filepath.Join(folder, "0.jsonl"), "--dry-run", "--shift", "now", "--json")
	var read struct {
		Rows    int `json:"rows"`
		Refused int `json:"refused"`
	}
	if err := json.Unmarshal([]byte(out), &read); code != exitOK || err != nil || read.Refused != 0 {
		t.Errorf("exit code %d, %s, %s, %v", code, out, problem, err)
	}
	if code, _, problem := command(t, "simulate", "--out", filepath.Join(folder, "0.jsonl")); code != exitFailure || !strings.Contains(problem, "name a new file") {
		t.Errorf("over a file that is there: exit code %d, %s", code, problem)
	}
}

func TestSimulateRefuses(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ flag, value, want string }{
		{"--days", "0", "use 1 to 730"}, {"--customers", "0", "use 1 to 1000000"}, {"--gap", "3s", "use 1m to 365d"},
	} {
		if code, _, problem := command(t, "simulate", test.flag, test.value); code != exitUsage || !strings.Contains(problem, test.want) {
			t.Errorf("%s %s: exit code %d, %s", test.flag, test.value, code, problem)
		}
	}
}

// What it publishes, ebb counts.
func TestSimulatePublishes(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	if code, _, problem := l.command(t, "simulate"); code != exitFailure || !strings.Contains(problem, "start ebb run first") {
		t.Errorf("without a stream: exit code %d, %s", code, problem)
	}
	_, at := l.startRun(t)
	p := l.startProcess(t, "simulate", "--customers", "3000", "--gap", "1m")
	p.says(t, `publishing to engagement\.events\.> what 3000 customers do, of whom half come every 1m or so`)
	eventually(t, "some events", func() bool { return processed(t, at) > 50 })
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.output)
	}
	var published int
	_, said, _ := strings.Cut(p.output.String(), "\npublished ")
	if _, err := fmt.Sscanf(said, "%d events", &published); err != nil || published < 50 {
		t.Errorf("%d events published, %v\n%s", published, err, p.output)
	}
	eventually(t, "all of them", func() bool {
		return processed(t, at)+outcomes(t, at, "duplicates", "late_dropped") == uint64(published)
	})
}
