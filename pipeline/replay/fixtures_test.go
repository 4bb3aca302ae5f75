package replay

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// textSource is a file of this text.
func textSource(name, text string) Source {
	return Source{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	return b.String()
}

func mustMapping(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(text))
	if err != nil {
		t.Fatal(err)
	}

	return m
}

func shippedMapping(t testing.TB, name string) *Mapping {
	t.Helper()
	m, err := ShippedMapping(name)
	if err != nil {
		t.Fatal(err)
	}

	return m
}

// readRows reads all rows; texts that are valid until the next row are copied.
func readRows(t testing.TB, m *Mapping, text string, options ReadOptions) []Row {
	t.Helper()
	r, err := NewReader(textSource("events", text), m, options)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rows []Row
	for {
		var row Row
		err := r.Next(&row)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		row.Customer, row.Type, row.ID = bytes.Clone(row.Customer), bytes.Clone(row.Type), bytes.Clone(row.ID)
		rows = append(rows, row)
	}
}

func readAll(t testing.TB, s *Sequence) []Step {
	t.Helper()
	defer s.Close()
	var steps []Step
	for {
		step, err := s.Next()
		if errors.Is(err, io.EOF) {
			return steps
		}
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
}

func mustPlan(t testing.TB, source Source, m *Mapping, o Options) *Plan {
	t.Helper()
	p, err := NewPlan(source, m, o)
	if err != nil {
		t.Fatal(err)
	}

	return p
}

func mustOpen(t testing.TB, p *Plan, shift int64) *Sequence {
	t.Helper()
	s, err := p.Open(shift)
	if err != nil {
		t.Fatal(err)
	}

	return s
}

// decode is what a shard makes of a body.
func decode(body []byte) (event.Event, error) {
	var ev event.Event
	err := native.NewDecoder(event.MaxEventBytes).Decode(body, &ev)

	return ev, err
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}
