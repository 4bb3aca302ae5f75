package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A Parquet file is read as a CSV file is: its mapping is found by its columns, and no
// value changes on the way.
func TestParquetIsReadAsColumns(t *testing.T) {
	for file, want := range map[string]string{
		"pyarrow.parquet": `{"time":"2026-03-01T09:00:00.123Z","customer":"ada","type":"order.completed","value":12.30,"properties":{"currency":"EUR","tags":"[\"a\",\"b\"]","context.page.url":"https://x.example/","day":"2026-03-01","ok":"true","ratio":"0.1"}}`,
		"duckdb.parquet":  `{"time":"2026-03-01T09:00:00.500Z","customer":"c0","type":"order.completed","value":0.0000,"properties":{"currency":"EUR","u":"123e4567-e89b-12d3-a456-426614174000","nums":"[0,1]","small":"0","day":"2026-03-01"}}`,
	} {
		source := FileSource(filepath.Join("parquettext", "testdata", file)).Until(t.Context())
		m, err := Detect(source)
		if err != nil || m.Name != csvMapping {
			t.Fatalf("%s: mapping %+v, %v", file, m, err)
		}
		r, err := NewReader(source, m, ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var row Row
		if err := errors.Join(r.Next(&row), r.Close()); err != nil || row.Problem != nil {
			t.Fatalf("%s: %v, %v", file, err, row.Problem)
		}
		var got, wanted map[string]any
		if err := errors.Join(json.Unmarshal(row.Body, &got), json.Unmarshal([]byte(want), &wanted)); err != nil {
			t.Fatal(err)
		}
		delete(got, "id") // of the file's digest
		gotText, _ := json.Marshal(got)
		wantText, _ := json.Marshal(wanted)
		if !bytes.Equal(gotText, wantText) {
			t.Errorf("%s: the first row is\n%s, want\n%s", file, gotText, wantText)
		}
	}
}

// What can't be read says what to do.
func TestParquetThatCannotBeRead(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("parquettext", "testdata", "duckdb.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.parquet")
	if err := os.WriteFile(short, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		source Source
		want   string
	}{
		"cut off": {FileSource(short), "is it complete?"},
		"gzipped": {textSource("p.parquet.gz", gzipped(t, string(whole))), "unpack what is around it"},
		"a pipe":  {Source{Name: "p", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(whole))), nil }}, "read from disk"},
	} {
		if _, err := Detect(c.source); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
