package replay

import (
	"context"
	"io"
)

// Until is the source for as long as ctx lasts: then reading it fails with the
// cause, so that every pass over a long file can be interrupted.
func (s Source) Until(ctx context.Context) Source {
	open := s.Open
	s.Open = func() (io.ReadCloser, error) {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		file, err := open()
		if err != nil {
			return nil, err
		}

		return &untilFile{file, func() error { return context.Cause(ctx) }}, nil
	}

	return s
}

// untilFile fails once ended says why.
type untilFile struct {
	io.ReadCloser
	ended func() error
}

func (f *untilFile) Read(p []byte) (int, error) {
	if err := f.ended(); err != nil {
		return 0, err
	}

	return f.ReadCloser.Read(p)
}
