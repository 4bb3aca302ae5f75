package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ebb/cmd/ebb/term"
)

// Whatever a file holds, nothing of it steers the terminal.
func TestErrorsHoldNoControlCharacters(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"header.csv":           "wh\x1b[31men,who\x07\r\n1,2\n",
		"cells\x1b[2Jname.csv": "event_time,customer_id,event_type\n\x1b]0;owned\x07,c,a\u202eb\n2026-01-01T00:00:00Z,c\u009b31m,a\x1bb\n",
		"latin.csv":            "event_time,customer_id,event_type\n2026-01-01T00:00:00Z,\xe4\xff,a\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"replay", path, "--dry-run"}, {"backtest", path}, {"replay", path, "--dry-run", "--mapping", "no\x1bne"}} {
			_, stdout, stderr := command(t, args...)
			if all := stdout + stderr; all == "" || strings.ContainsFunc(all, func(r rune) bool { return r != '\n' && term.Shown(r) != r }) {
				t.Errorf("%q prints %q", args, all)
			}
		}
	}
}

func TestTablesHoldNoControlCharacters(t *testing.T) {
	var out bytes.Buffer
	w := &term.Writer{To: &out}
	w.Line("a\x1bb\tc → d\u009b\xff")
	if got := out.String(); got != "a·b\tc → d··\n" {
		t.Errorf("printed %q", got)
	}
}
