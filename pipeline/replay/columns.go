package replay

import (
	"errors"
	"fmt"
	"io"

	"ebb/pipeline/replay/parquettext"
)

// columnsAsText reads a Parquet file as CSV.
func columnsAsText(file io.ReadCloser) (io.ReadCloser, error) {
	random, size, ended, err := atAnyPlace(file)
	if errors.Is(err, errOnlyOnce) {
		return nil, fmt.Errorf("%w: it is a Parquet file, which can only be read from disk, and packs itself; unpack what is around it", ErrNotText)
	}
	if err != nil {
		return nil, err
	}
	text, err := parquettext.New(random, size)
	if err != nil {
		return nil, err
	}

	return unpacked{&untilFile{text, ended}, text.Close, file}, nil
}
