package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"ebb/deploy/local"
)

// Demo is one `ebb demo` on a file.
type Demo struct {
	Program string   // path of ebb
	Env     []string // NAME=value, beside the variables of this process
	Dir     string   // folder of its data, kept
	Args    []string // beside --dir and --json
	Log     io.Writer
}

// Report is what the demo printed. It stands for `ebb demo --json`.
type Report struct {
	Published     uint64  `json:"published"`
	Processed     uint64  `json:"processed"`
	Duplicates    uint64  `json:"duplicates"`
	DeadLetters   uint64  `json:"dead_letters"`
	LateDropped   uint64  `json:"late_dropped"`
	RowsCompared  uint64  `json:"rows_compared"`
	RowsMissing   uint64  `json:"rows_missing"`
	RowsExtra     uint64  `json:"rows_extra"`
	RowsDifferent uint64  `json:"rows_different"`
	Raised        uint64  `json:"signals_raised"`
	Cleared       uint64  `json:"signals_cleared"`
	Seconds       float64 `json:"seconds"`

	Verification *Verification `json:"verification"` // nil without --verify
}

// Verification is what SQL made of the raw stream.
type Verification struct {
	Published   uint64  `json:"published"`
	Processed   uint64  `json:"processed"`
	Duplicates  uint64  `json:"duplicates"`
	DeadLetters uint64  `json:"dead_letters"`
	LateDropped uint64  `json:"late_dropped"`
	Tables      []Table `json:"tables"`
}

// Table is the comparison of one table, and for rollups of one window length.
type Table struct {
	Table    string   `json:"table"`
	Window   string   `json:"window"`
	Compared uint64   `json:"rows_compared"`
	Examples []string `json:"examples"` // of rows that are wrong
}

// Run runs the demo to its end. The report is there even where the demo failed
// after printing it.
func (d Demo) Run(ctx context.Context) (Report, error) {
	var out bytes.Buffer
	process, problems := d.process(ctx, &out)
	ran := process.Run()
	var report Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil && ran == nil {
		return report, fmt.Errorf("ebb demo printed no report: %w: %.200s", err, out.String())
	}
	if ran != nil {
		return report, fmt.Errorf("ebb demo: %w: %s", ran, problems)
	}

	return report, nil
}

// process is the demo that is not yet started; problems is the end of what it
// writes to standard error.
func (d Demo) process(ctx context.Context, out io.Writer, more ...string) (process *exec.Cmd, problems *tail) {
	args := append([]string{"demo", "--json", "--dir", d.Dir}, d.Args...)
	process = exec.CommandContext(ctx, d.Program, append(args, more...)...) //nolint:gosec // the program that the caller names
	process.Env = append(os.Environ(), d.Env...)
	process.Stdout = out
	problems = new(tail)
	process.Stderr = problems
	if d.Log != nil {
		process.Stderr = io.MultiWriter(problems, d.Log)
	}

	return process, problems
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

const tailBytes = 2_000

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if extra := len(t.kept) - tailBytes; extra > 0 {
		t.kept = t.kept[extra:]
	}

	return len(p), nil
}

func (t *tail) String() string { return string(t.kept) }

// Messages counts what the streams hold that the demo left in dir, by their
// last sequence: what was removed counts too.
func Messages(ctx context.Context, dir string) (counts map[string]uint64, err error) {
	server, err := local.StartNATS(local.NATSConfig{Dir: filepath.Join(dir, "nats")})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	watch, err := openWatch(server.URL())
	if err != nil {
		return nil, err
	}
	defer watch.close()

	counts = make(map[string]uint64)
	for _, stream := range []string{Input, Rollups, Signals} {
		n, err := watch.last(ctx, stream)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("stream %s in %s", stream, dir), err)
		}
		counts[stream] = n
	}

	return counts, nil
}

func port(n int) string { return strconv.Itoa(n) }
