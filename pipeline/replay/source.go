package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Source is a file of history. It is opened more than once: to know it, and
// then to read it.
type Source struct {
	Name string // for people and for choosing the mapping; the base name of the file
	Open func() (io.ReadCloser, error)
}

// FileSource is a file on disk, plain or gzipped; its first bytes tell which.
func FileSource(path string) Source {
	return Source{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// open returns the uncompressed bytes.
func (s Source) open() (io.ReadCloser, error) {
	file, err := s.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", s.Name, err)
	}
	buffered := bufio.NewReaderSize(file, 64<<10)
	if magic, _ := buffered.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return plainFile{buffered, file}, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("unpack %s: %w", s.Name, err), file.Close())
	}

	return gzipFile{unzipped, file}, nil
}

type plainFile struct {
	io.Reader
	file io.Closer
}

func (p plainFile) Close() error { return p.file.Close() }

type gzipFile struct {
	*gzip.Reader
	file io.Closer
}

func (g gzipFile) Close() error { return errors.Join(g.Reader.Close(), g.file.Close()) }

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
	var id Identity
	digest := sha256.New()
	block := make([]byte, 256<<10)
	for {
		n, err := file.Read(block)
		digest.Write(block[:n])
		id.Bytes += int64(n)
		id.Lines += int64(bytes.Count(block[:n], []byte{'\n'}))
		if errors.Is(err, io.EOF) {
			id.Digest = hex.EncodeToString(digest.Sum(nil)[:8])

			return id, nil
		}
		if err != nil {
			return Identity{}, fmt.Errorf("read %s: %w", s.Name, err)
		}
	}
}
