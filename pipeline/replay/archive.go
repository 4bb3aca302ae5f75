package replay

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// zipMagic begins the first file of a ZIP archive.
var zipMagic = []byte("PK\x03\x04")

// randomFile is a file that can be read at any place.
type randomFile interface {
	io.ReaderAt
	Stat() (os.FileInfo, error)
}

// unzip reads the one file of a ZIP archive.
func unzip(file io.ReadCloser) (io.ReadCloser, error) {
	random, size, ended, err := atAnyPlace(file)
	if errors.Is(err, errOnlyOnce) {
		return nil, fmt.Errorf("%w: it is a ZIP archive, as Excel workbooks are, and can only be read from disk; unpack it, or save the sheet as CSV (UTF-8)", ErrNotText)
	}
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(random, size)
	if err != nil {
		return nil, fmt.Errorf("%w; is the archive complete?", err)
	}
	var found []*zip.File
	for _, f := range archive.File {
		switch {
		case f.Name == "[Content_Types].xml":
			return nil, fmt.Errorf("%w: it is an Excel workbook or the like; save the sheet as CSV (UTF-8)", ErrNotText)
		case f.FileInfo().IsDir(), strings.HasPrefix(f.Name, "__MACOSX/"), strings.HasPrefix(path.Base(f.Name), "."):
		default:
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("the ZIP archive holds %d files; keep one file of events in it, or unpack it", len(found))
	}
	content, err := found[0].Open()
	if err != nil {
		return nil, err
	}
	rest, err := unpack(&untilFile{unpacked{damaged{content}, nil, content}, ended}) // which may be packed again, but not as ZIP
	if err != nil {
		return nil, errors.Join(err, content.Close())
	}

	return unpacked{rest, rest.Close, file}, nil
}

// isZip tells an archive by its first bytes.
func isZip(magic []byte) bool { return bytes.HasPrefix(magic, zipMagic) }

var errOnlyOnce = errors.New("the file can only be read from its beginning to its end")

// atAnyPlace is a file that can be read at any place, with its size and what says that
// reading is to end; errOnlyOnce for one that can't.
func atAnyPlace(file io.ReadCloser) (random io.ReaderAt, size int64, ended func() error, err error) {
	inner, ended := io.Reader(file), func() error { return nil }
	if until, ok := file.(*untilFile); ok {
		inner, ended = until.ReadCloser, until.ended
	}
	on, ok := inner.(randomFile)
	if !ok {
		return nil, 0, nil, errOnlyOnce
	}
	info, err := on.Stat()
	if err != nil {
		return nil, 0, nil, err
	}

	return on, info.Size(), ended, nil
}
