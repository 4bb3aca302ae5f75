package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// Rows that are read ahead are those that Next gives, whatever happens to the
// reader's memory meanwhile.
func TestAheadGivesTheRowsOfNext(t *testing.T) {
	var text strings.Builder
	text.WriteString("event_time,customer_id,event_type,kind\n")
	for i := range 5 * aheadRows {
		fmt.Fprintf(&text, "2026-03-%02dT10:00:00Z,c%d,visit.%d,%s\n", 1+i*20/(5*aheadRows), i, i%7, []string{"active", "", "micro"}[i%3])
		if i%1000 == 999 {
			text.WriteString("a broken row\n" + strings.Repeat("x", aheadBytes/2) + ",c,visit,active\n")
		}
	}
	source := Source{Name: "rows.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text.String())), nil }}
	mapping, err := LoadMapping("", source)
	if err != nil {
		t.Fatal(err)
	}
	open := func() *Reader {
		r, err := NewReader(source, mapping, ReadOptions{Digest: "d"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })

		return r
	}
	var want []Row
	next := open()
	for {
		var row Row
		if err := next.Next(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		row.Kind = bytes.Clone(row.Kind)
		want = append(want, row)
	}
	at := 0
	err = open().Ahead(t.Context(), func(row *Row) {
		w := &want[at]
		if row.Number != w.Number || row.Clock != w.Clock || !bytes.Equal(row.Body, w.Body) || !bytes.Equal(row.Kind, w.Kind) || (row.Problem == nil) != (w.Problem == nil) {
			t.Fatalf("row %+v, want %+v", row, w)
		}
		at++
	})
	if err != nil || at != len(want) || at < 5*aheadRows {
		t.Errorf("%d rows and %v, want %d", at, err, len(want))
	}
}

// The goroutine that reads ends with the context and with the file, also a
// broken one, behind the rows that could be read.
func TestAheadEnds(t *testing.T) {
	rows := "event_time,customer_id\n" + strings.Repeat("2026-03-01T10:00:00Z,c\n", 20*aheadRows)
	broken := errors.New("the disk is gone")
	source := Source{Name: "rows.csv", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(rows), failing{broken})), nil
	}}
	mapping, err := LoadMapping("", Source{Name: "rows.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(rows)), nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		cancel bool
		want   error
	}{{"broken", false, broken}, {"cancelled", true, context.Canceled}} {
		r, err := NewReader(source, mapping, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		taken := 0
		err = r.Ahead(ctx, func(*Row) {
			if taken++; c.cancel {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, c.want) || taken == 0 || !c.cancel && taken != 20*aheadRows {
			t.Errorf("%s: %d rows and %v, want %v", c.name, taken, err, c.want)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
