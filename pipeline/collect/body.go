package collect

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
)

// This file reads bodies. A client that sends slowly, by intent or by a bad line, holds
// the bytes that it has sent, and no slot: so it keeps nobody else waiting. All bodies
// together have so many bytes, and each so much time.

const (
	// defaultBodyBytes is what bodies take together, unpacked.
	defaultBodyBytes = 64 << 20
	// defaultBodyTime is how long a body may take, beside its size.
	defaultBodyTime = 5 * time.Second
	// bodyRate is what a client has to send of it in a second.
	bodyRate = 16 << 10
)

// Why a body is not read.
var (
	errCrowded = errors.New("too much is sent at once")
	errSlow    = errors.New("the body came too slowly")

	errEncoding = errors.New("the Content-Encoding is not known; send the body as it is, or with gzip")
)

// bodies are those on their way, and those that are being stored.
type bodies struct {
	room *semaphore.Weighted // in bytes
	time time.Duration
}

// read reads a body of at most so many bytes, also of what is compressed. What it takes
// is given back by done, which is to be called in any case.
func (b *bodies) read(w http.ResponseWriter, r *http.Request, limit int) (body []byte, done func(), err error) {
	size := int64(limit)
	if r.ContentLength >= 0 {
		size = min(size, r.ContentLength)
	}
	allowed := b.time + time.Duration(size)*time.Second/bodyRate
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(allowed)) // a writer without is a test's

	taken := &takenReader{bodies: b}
	done = func() { b.room.Release(taken.bytes) }
	taken.from = http.MaxBytesReader(w, r.Body, int64(limit))
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip":
		zip, err := gzip.NewReader(taken.from)
		if err != nil {
			return nil, done, slow(err)
		}
		taken.from = io.LimitReader(zip, int64(limit)+1)
	default:
		return nil, done, errEncoding
	}
	body, err = io.ReadAll(taken)
	if err == nil && len(body) > limit {
		err = &http.MaxBytesError{Limit: int64(limit)}
	}

	return body, done, slow(err)
}

func slow(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlow
	}

	return err
}

// takenReader takes room for what it has read.
type takenReader struct {
	from   io.Reader
	bodies *bodies
	bytes  int64
}

func (t *takenReader) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if !t.bodies.room.TryAcquire(int64(n)) {
		return 0, errCrowded
	}
	t.bytes += int64(n)

	return n, err
}
