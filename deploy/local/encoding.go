package local

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// blockSize is how many bytes of an answer go into one compressed block.
const blockSize = 1 << 20

// decoded undoes the HTTP content encoding of a request's body, and then, if
// blocks is set, ClickHouse's own block compression.
func decoded(body io.Reader, encoding string, blocks bool) (io.Reader, error) {
	var err error
	switch encoding {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	case "br":
		body = brotli.NewReader(body)
	case "lz4":
		body = lz4.NewReader(body)
	case "zstd":
		var decoder *zstd.Decoder
		if decoder, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(128<<20)); err == nil {
			body = decoder.IOReadCloser()
		}
	default:
		return nil, raise(48, "NOT_IMPLEMENTED", "Content-Encoding %q is not supported; use gzip, deflate, br, lz4 or zstd", encoding)
	}
	if err != nil {
		return nil, raise(36, "BAD_ARGUMENTS", "the body is not Content-Encoding %s: %v", encoding, err)
	}
	if blocks {
		body = newBlockReader(body)
	}
	return body, nil
}

// blockReader reads ClickHouse's block compression up to the end of the input.
type blockReader struct {
	source countingReader
	blocks *compress.Reader
}

func newBlockReader(source io.Reader) *blockReader {
	r := &blockReader{source: countingReader{source: source}}
	r.blocks = compress.NewReader(&r.source)
	return r
}

// Read returns io.EOF where no further block begins. The decoder reads a whole
// block in one call, so an input that ends after some bytes of a call was cut.
func (r *blockReader) Read(p []byte) (int, error) {
	before := r.source.n
	n, err := r.blocks.Read(p)
	if n == 0 && errors.Is(err, io.EOF) {
		if r.source.n == before {
			return 0, io.EOF
		}
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// countingReader counts what is read from source.
type countingReader struct {
	source io.Reader
	n      int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	r.n += int64(n)
	return n, err
}

// contentEncoding picks the encoding of an answer from an Accept-Encoding
// header, or "".
func contentEncoding(accept string) string {
	for _, offered := range []string{"br", "gzip", "lz4", "deflate", "zstd"} {
		for part := range strings.SplitSeq(accept, ",") {
			name, _, _ := strings.Cut(strings.TrimSpace(part), ";")
			if strings.EqualFold(name, offered) {
				return offered
			}
		}
	}
	return ""
}

// encodedWriter writes to w in the named content encoding. Close ends the
// encoding, not w.
func encodedWriter(w io.Writer, encoding string) (io.WriteCloser, error) {
	switch encoding {
	case "gzip":
		return gzip.NewWriterLevel(w, gzip.BestSpeed)
	case "deflate":
		return zlib.NewWriterLevel(w, zlib.BestSpeed)
	case "br":
		return brotli.NewWriterLevel(w, brotli.BestSpeed), nil
	case "lz4":
		return lz4.NewWriter(w), nil
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	}
	return nil, fmt.Errorf("no content encoding %q", encoding)
}

// writeBlocks writes data in ClickHouse's block compression.
func writeBlocks(w io.Writer, data []byte, method compress.Method) error {
	writer := compress.NewWriter(compress.LevelZero, method)
	for len(data) > 0 {
		n := min(len(data), blockSize)
		if err := writer.Compress(data[:n]); err != nil {
			return err
		}
		if _, err := w.Write(writer.Data); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// blockMethod is the block compression that a request asks for with
// network_compression_method. LZ4 is ClickHouse's default.
func blockMethod(name string) compress.Method {
	if strings.EqualFold(name, "ZSTD") {
		return compress.ZSTD
	}
	return compress.LZ4
}

// contentType is the media type of a ClickHouse format.
func contentType(format string) string {
	switch {
	case strings.HasPrefix(format, "JSON"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(format, "TabSeparated"), strings.HasPrefix(format, "TSV"):
		return "text/tab-separated-values; charset=UTF-8"
	case strings.HasPrefix(format, "CSV"):
		return "text/csv; charset=UTF-8; header=absent"
	case format == "Native", strings.HasPrefix(format, "RowBinary"), format == "Parquet", strings.HasPrefix(format, "Arrow"):
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}

// answerBody writes data in the encodings that the request accepts.
func answerBody(w http.ResponseWriter, q *request, data []byte) error {
	if q.blocks {
		return writeBlocks(w, data, q.blockMethod)
	}
	if q.contentEncoding == "" {
		_, err := w.Write(data)
		return err
	}
	writer, err := encodedWriter(w, q.contentEncoding)
	if err != nil {
		return err
	}
	if _, err := writer.Write(data); err != nil {
		return err
	}
	return writer.Close()
}
