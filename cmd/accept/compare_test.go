package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ebb/cmd/accept/trial"
)

// repository is a git repository whose first commit has a program that prints the
// name it was built with, and whose second does not build.
func repository(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		if _, err := output(t.Context(), dir, "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "--quiet")
	write("go.mod", "module tiny\n\ngo 1.24\n")
	write("cmd/ebb/main.go", "package main\n\nfunc main() { println(\"first\") }\n")
	git("add", "go.mod", "cmd")
	git("commit", "--quiet", "-m", "first")
	git("tag", "first")
	write("cmd/ebb/main.go", "package main\n\nfunc main() { broken }\n")
	git("commit", "--quiet", "-a", "-m", "broken")
}

func TestFormer(t *testing.T) {
	repository(t)
	program, hash, err := former(t.Context(), "first", "kept")
	if err != nil {
		t.Fatal(err)
	}
	built, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if len(hash) != 40 || filepath.Base(filepath.Dir(program)) != hash[:12] {
		t.Errorf("hash %q, program %s", hash, program)
	}
	if _, err := output(t.Context(), "", program); err != nil {
		t.Errorf("the program of the first commit: %v", err)
	}

	// It is built once.
	if _, _, err := former(t.Context(), hash, "kept"); err != nil {
		t.Fatal(err)
	}
	if again, err := os.Stat(program); err != nil || !os.SameFile(built, again) {
		t.Errorf("built again (%v)", err)
	}

	if _, _, err := former(t.Context(), "nowhere", "kept"); !errors.Is(err, ErrNoCommit) {
		t.Errorf("a commit that is not there: %v", err)
	}
	if _, _, err := former(t.Context(), "HEAD", "kept"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a commit that does not build: %v", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := former(canceled, "first", "other"); err == nil {
		t.Error("built after the end")
	}
}

func TestCompareRefuses(t *testing.T) {
	empty := t.TempDir()
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, `-data is ""`},
		{[]string{"-data", empty}, "no *.csv.gz there"},
		{[]string{"-nonsense"}, "-nonsense"},
	} {
		if err := compare(t.Context(), test.args, os.Stderr); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.args, err, test.want)
		}
	}
}

func TestPrintCompared(t *testing.T) {
	same := trial.Comparison{View: "v_total", Rows: 3, Others: 3, New: []string{"day"}}
	results := []compared{{File: "a.csv.gz", Views: []trial.Comparison{same}, Seconds: [2]float64{1, 2}}}
	if err := differences(results); err != nil {
		t.Error(err)
	}
	results = append(results, compared{File: "b.csv.gz", Views: []trial.Comparison{same, {
		View: "v_signals", Rows: 5, Others: 4, Only: 2, Missing: 1, Columns: []string{"risk"}, Examples: []string{"risk 0.5"}, Absent: []string{"risk " + strings.Repeat("9", 400)},
	}}})
	if err := differences(results); !errors.Is(err, ErrDifferent) || !strings.Contains(err.Error(), "b.csv.gz, 1 of 2 views differ") {
		t.Errorf("the error is %v", err)
	}

	var out strings.Builder
	if err := printCompared(&out, results); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"a     1      3              1.0      2.0     same\n",
		"b     2      8              0.0      0.0     1 of 2 views differ\n",
		"v_total: new day\n",
		"b.csv.gz, v_signals: 2 of 5 rows are not among the other's 4; 1 of those are not among these; differing in risk\n    here:      risk 0.5\n    the other: risk 999",
		"999…\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
