package replay

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// What a shard takes from a producer, it takes from a file as the same event,
// and the record around it was made with the event's own customer and time.
func FuzzNative(f *testing.F) {
	for _, line := range []string{
		`{"id":"1","time":"2004-10-19T21:56:03Z","customer":"c","type":"x.y"}`,
		` {"type":"x.y","time":"2004-10-19T21:56:03.1+02:00","anonymous_id":"\u00e4","id":"\"","received_at":null} `,
		`{"time":"2004-10-19T21:56:03Z","customer":"c","type":"x.y","value":1e3,"properties":{"a":[{}]}}`,
		`{"id":null,"id":1}`, `{`, "{ ", "{\t\n", "{\n0", "{}0,\n00", "0\r0", "0\x00\n\x000\x00", `[]`, `[{`, "{}\n\n{}", "\xef\xbb\xbf{}",
	} {
		f.Add([]byte(line), int64(0))
		f.Add([]byte(line), int64(86_400_000))
	}
	m := shippedMapping(f, "native")
	f.Fuzz(func(t *testing.T, text []byte, shift int64) {
		shift %= 365 * 86_400_000
		r, err := NewReader(Source{Name: "f", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }},
			m, ReadOptions{Digest: "d", ShiftMS: shift})
		if err != nil {
			return // it looks like a packed file, but is none
		}
		defer r.Close()
		if bytes.HasPrefix(text, zstdMagic) || bytes.HasPrefix(text, gzipMagic) {
			return
		}
		plain, err := asText(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("it is read, but no text: %v", err)
		}
		body, err := io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
		if _, values := asLines(bytes.NewReader(body)).(*valueLines); values {
			for rows := 0; ; rows++ { // values over several lines have tests of their own: it comes to an end
				if err := r.Next(new(Row)); err != nil {
					return
				}
				if rows > len(body) {
					t.Fatalf("%d rows in %d bytes", rows, len(body))
				}
			}
		}
		for line := range bytes.SplitSeq(body, []byte{'\n'}) {
			line = bytes.TrimSpace(line)
			if len(line) == 0 {
				continue
			}
			var row Row
			if err := r.Next(&row); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			want, err := decode(line)
			if err != nil {
				continue
			}
			got, err := decode(row.Body)
			shifted := want.Time + shift
			if shifted < 0 || shifted > 7_000_000_000_000 {
				continue // shifted out of the calendar
			}
			if err != nil || row.Problem != nil {
				t.Fatalf("%q becomes %q: %v, %v", line, row.Body, err, row.Problem)
			}
			if got.Time != shifted || row.Time != shifted || !bytes.Equal(got.ID, want.ID) || !bytes.Equal(got.Type, want.Type) ||
				!bytes.Equal(got.Customer, want.Customer) || !bytes.Equal(row.Customer, want.Customer) || got.Value != want.Value {
				t.Fatalf("%q becomes %q of %q", line, row.Body, row.Customer)
			}
		}
		if err := r.Next(new(Row)); !errors.Is(err, io.EOF) {
			t.Fatalf("behind the last line: %v", err)
		}
	})
}
