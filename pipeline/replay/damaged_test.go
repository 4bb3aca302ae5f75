package replay

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Packed files that are cut off or damaged say that they may be, whatever packed them.
func TestDamagedFilesSayWhatMayBeTheMatter(t *testing.T) {
	var text strings.Builder
	text.WriteString("event_time,customer_id,event_type\n")
	for i := range 3000 {
		fmt.Fprintf(&text, "2026-05-04T12:%02d:%02dZ,customer-%d,page.viewed\n", i/60, i%60, i*i)
	}
	var gz, zst, archive bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	a := zip.NewWriter(&archive)
	file, err := a.Create("events.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.Writer{g, z, file} {
		if _, err := io.WriteString(w, text.String()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(g.Close(), z.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	flipped := func(data []byte) []byte {
		data = bytes.Clone(data)
		data[len(data)/2] ^= 0xff

		return data
	}
	for name, data := range map[string][]byte{
		"cut gzip": gz.Bytes()[:gz.Len()/2], "flipped gzip": flipped(gz.Bytes()), "no checksum": append(gz.Bytes()[:gz.Len()-8:gz.Len()-8], make([]byte, 8)...),
		"cut zstd": zst.Bytes()[:zst.Len()/2], "flipped zstd": flipped(zst.Bytes()),
		"flipped zip": flipped(archive.Bytes()),
	} {
		_, err := Identify(packedSource(t, data))
		if err == nil || !strings.Contains(err.Error(), "is the file complete and undamaged?") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, data := range map[string][]byte{"gzip": gz.Bytes(), "zstd": zst.Bytes(), "zip": archive.Bytes()} {
		if of, err := Identify(packedSource(t, data)); err != nil || of.Bytes != int64(text.Len()) {
			t.Errorf("%s: %+v, %v", name, of, err)
		}
	}
}

// A file with very many columns is drafted in no time, and errors do not list them all.
func TestVeryWideFiles(t *testing.T) {
	header, row := []string{"event_time", "customer_id"}, []string{"2026-05-04T12:00:00Z", "c"}
	for i := range 20_000 {
		header, row = append(header, fmt.Sprint("c", i)), append(row, "1")
	}
	began := time.Now()
	draft, err := DraftMapping(textSource("wide.csv", strings.Join(header, ",")+"\n"+strings.Join(row, ",")+"\n"))
	if err != nil || !strings.Contains(draft.Text, "customer: customer_id") || !strings.Contains(strings.Join(draft.Notes, " "), "Of 20002 columns the first 500 were looked at.") {
		t.Errorf("%+v, %v", draft, err)
	}
	_, err = DraftMapping(textSource("wide.csv", strings.Join(header[2:], ",")+"\n"+strings.Join(row[2:], ",")+"\n"))
	if !errors.Is(err, ErrNoMapping) || len(err.Error()) > 2000 {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// packedSource is a file on disk, as archives need.
func packedSource(t *testing.T, data []byte) Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "packed")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}

	return FileSource(path)
}
