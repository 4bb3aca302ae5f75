package native

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ebb/pipeline/event"
)

// badInput is one message and what becomes of it.
type badInput struct {
	name    string
	reason  string // of the dead letter, or "accepted"
	message []byte
}

// readBadInput reads pipeline/testdata/badinput, which the tests of the whole use too; the files say their form.
func readBadInput(t testing.TB) []badInput {
	t.Helper()

	files, err := filepath.Glob("../../testdata/badinput/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("badinput: %d files, error %v", len(files), err)
	}

	var cases []badInput

	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}

		for line := range strings.Lines(string(content)) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" || line[0] == '#' {
				continue
			}

			parts := strings.SplitN(line, "\t", 3)
			message, err := strconv.Unquote(parts[len(parts)-1])

			if err != nil || len(parts) != 3 {
				t.Fatalf("%s: line %q: %d parts, error %v", file, line, len(parts), err)
			}

			cases = append(cases, badInput{parts[0], parts[1], []byte(message)})
		}
	}

	return cases
}

func TestBadInput(t *testing.T) {
	d := NewDecoder(0) // one for all: what a message leaves behind must not matter
	seen := map[string]bool{}

	for _, c := range readBadInput(t) {
		if seen[c.name] {
			t.Errorf("%s: occurs twice", c.name)
		}

		seen[c.name] = true

		t.Run(c.name, func(t *testing.T) {
			var ev event.Event

			err := d.Decode(c.message, &ev)
			if c.reason == "accepted" {
				if err != nil {
					t.Fatal(err)
				}

				return
			}

			want, ok := event.ParseReason(c.reason)
			if !ok {
				t.Fatalf("no such reason: %s", c.reason)
			}

			var refusal *event.Refusal
			if !errors.As(err, &refusal) || refusal.Reason != want || !errors.Is(err, want.Err()) {
				t.Fatalf("error is %v, want %s", err, c.reason)
			}

			if refusal.Field == "" || refusal.Remedy == "" {
				t.Errorf("%#v: has no field or no remedy", refusal)
			}

			checkPrintable(t, refusal.Error())
		})
	}

	if len(seen) < 60 {
		t.Errorf("%d cases, want at least 60", len(seen))
	}
}

// checkPrintable checks that text can stand in a header.
func checkPrintable(t testing.TB, text string) {
	t.Helper()

	if len(text) > 1800 {
		t.Errorf("%d bytes of error text", len(text))
	}

	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			t.Errorf("byte %d of %q is not printable ASCII", i, text)
		}
	}
}
