package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"ebb/pipeline/replay/parquettext"

	"github.com/klauspost/compress/zstd"
)

// Source is a file of history. It is opened more than once: to know it, and
// then to read it.
type Source struct {
	Name string // for people and for choosing the mapping; the base name of the file
	Open func() (io.ReadCloser, error)
}

// FileSource is a file on disk, plain, gzipped, packed with zstd, in a ZIP archive, or
// Parquet, whose columns are read as those of a CSV file; its first bytes tell which.
func FileSource(path string) Source {
	return Source{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// The first bytes of packed files.
var (
	gzipMagic = []byte{0x1f, 0x8b}             // RFC 1952
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd} // RFC 8878
)

// maxWindow bounds the memory that a file packed with zstd may ask for.
const maxWindow = 128 << 20

// open returns the uncompressed bytes.
func (s Source) open() (io.ReadCloser, error) {
	file, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.Name, err)
	}
	unpacked, err := unpack(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("unpack %s: %w", s.Name, err), file.Close())
	}

	return unpacked, nil
}

// unpacked is a file that is read through a reader.
type unpacked struct {
	io.Reader
	closeReader func() error // nil where the reader holds nothing
	file        io.Closer
}

func unpack(file io.ReadCloser) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(file, 64<<10)
	magic, _ := buffered.Peek(4) // a shorter file is not packed
	switch {
	case isZip(magic):
		return unzip(file)
	case parquettext.Is(magic):
		return columnsAsText(file)
	case bytes.HasPrefix(magic, gzipMagic):
		r, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, err
		}

		return unpacked{damaged{r}, r.Close, file}, nil
	case bytes.HasPrefix(magic, zstdMagic):
		r, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}

		return unpacked{damaged{r}, r.IOReadCloser().Close, file}, nil
	}

	return unpacked{buffered, nil, file}, nil
}

// damaged says of what can't be unpacked what may be the matter.
type damaged struct{ io.Reader }

func (d damaged) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = fmt.Errorf("unpack: %w; is the file undamaged? If it is, pack it with a window of at most %d MiB, as zstd does without --long", err, maxWindow>>20)
	case err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("unpack: %w; is the file complete and undamaged?", err)
	}

	return n, err
}

// Close closes the reader and the file.
func (u unpacked) Close() error {
	if u.closeReader == nil {
		return u.file.Close()
	}

	return errors.Join(u.closeReader(), u.file.Close())
}

// Identity is what a file is, whatever its name and compression.
type Identity struct {
	Digest string // first 16 hex digits of the SHA-256 of the uncompressed bytes
	Bytes  int64  // uncompressed
	Lines  int64  // about the number of rows
}

// Identify reads the file once.
func Identify(s Source) (Identity, error) {
	file, err := s.open()
	if err != nil {
		return Identity{}, err
	}
	defer file.Close()
	f := fingerprint{digest: sha256.New()}
	if _, err := io.CopyBuffer(&f, onlyReader{file}, make([]byte, 256<<10)); err != nil {
		return Identity{}, fmt.Errorf("read %s: %w", s.Name, err)
	}

	return f.identity(), nil
}

// onlyReader hides a WriteTo, which would bring a smaller buffer.
type onlyReader struct{ io.Reader }

// fingerprint makes an Identity of the bytes that are written to it.
type fingerprint struct {
	digest       hash.Hash
	bytes, lines int64
}

func (f *fingerprint) Write(p []byte) (int, error) {
	f.bytes += int64(len(p))
	f.lines += int64(bytes.Count(p, []byte{'\n'}))

	return f.digest.Write(p)
}

func (f *fingerprint) identity() Identity {
	return Identity{Digest: hex.EncodeToString(f.digest.Sum(nil)[:8]), Bytes: f.bytes, Lines: f.lines}
}
