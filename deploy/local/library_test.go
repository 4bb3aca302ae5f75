package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMissingLibraryNamesTheRemedy(t *testing.T) {
	t.Setenv(EnvLibrary, filepath.Join(t.TempDir(), "none.so"))
	_, err := StartClickHouse(ClickHouseConfig{Dir: t.TempDir()})
	if !errors.Is(err, ErrLibraryMissing) || !strings.Contains(err.Error(), "run make chdb") || !strings.Contains(err.Error(), EnvLibrary) {
		t.Errorf("error = %v, want ErrLibraryMissing with the remedy and the variable", err)
	}
}

func TestLibraryIsFoundAbove(t *testing.T) {
	root := t.TempDir()
	installed := filepath.Join(root, "deploy", "local", "chdb", "node_modules", "@chdb", platformPackage())
	below := filepath.Join(root, "one", "two")
	for _, dir := range []string{installed, below} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if path, ok := findAbove(below); ok && strings.HasPrefix(path, root) {
		t.Errorf("found %s before it was installed", path)
	}

	want := filepath.Join(installed, "libchdb.so")
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok := findAbove(below); !ok || got != want {
		t.Errorf("findAbove = %q, %t; want %q", got, ok, want)
	}
}

func TestExceptionKeepsTheEnginesCode(t *testing.T) {
	tests := []struct {
		message string
		code    int
		text    string
		status  int
	}{
		{"Code: 60. DB::Exception: No table. (UNKNOWN_TABLE)\n", 60, "Code: 60. DB::Exception: No table. (UNKNOWN_TABLE)", 404},
		{"while connecting: Code: 241. DB::Exception: Memory", 241, "Code: 241. DB::Exception: Memory", 500},
		{"out of paper", 1002, "Code: 1002. DB::Exception: out of paper (UNKNOWN_EXCEPTION)", 500},
	}
	for _, test := range tests {
		got := newException(test.message)
		if got.code != test.code || got.message != test.text || got.status() != test.status {
			t.Errorf("newException(%q) = %d %q status %d; want %d %q status %d",
				test.message, got.code, got.message, got.status(), test.code, test.text, test.status)
		}
	}
}
