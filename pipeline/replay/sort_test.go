package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
)

// A temporary file that was cut or changed is an error: no row is lost without a
// word, and none is read as another.
func TestSortedRowsComeBackWholeOrNotAtAll(t *testing.T) {
	const rows = 3000
	for name, spoil := range map[string]func([]byte) []byte{
		"as it was": func(file []byte) []byte { return file },
		"empty":     func([]byte) []byte { return nil },
		"half":      func(file []byte) []byte { return file[:len(file)/2] },
		"cut":       func(file []byte) []byte { return file[:len(file)-1] },
		"changed": func(file []byte) []byte {
			file[len(file)/2] ^= 1

			return file
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &sortedRows{limit: 200_000, bad: new(int64)}
			defer func() {
				if err := s.close(); err != nil {
					t.Error(err)
				}
			}()
			for i := range int64(rows) {
				row := Row{key: rows - i, Number: i, Customer: fmt.Appendf(nil, "c%d", i), Body: bytes.Repeat([]byte{byte(i), byte(i >> 3)}, 60)}
				if err := s.add(&row); err != nil {
					t.Fatal(err)
				}
			}
			file, err := os.ReadFile(s.files[0].Name())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.files[0].Name(), spoil(file), 0o600); err != nil {
				t.Fatal(err)
			}
			n := 0
			err = s.merge()
			for row := (Row{}); err == nil; n++ {
				err = s.next(&row)
			}
			if whole := name == "as it was"; errors.Is(err, io.EOF) != whole || whole && n != rows+1 {
				t.Errorf("after %d of %d rows: %v", n-1, rows, err)
			}
		})
	}
}
