package local

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

const (
	maxQueryText = 64 << 20  // bytes of a statement without its rows
	queryHead    = 256 << 10 // bytes in which an INSERT must name its format
)

// request is one query as it came over HTTP.
type request struct {
	statement  string
	rows       io.Reader // the data of an INSERT; nil for any other statement
	rowsFormat string

	// plainValues: the rows are too many to look for expressions in them that
	// reach out, so there can be none.
	plainValues bool

	id         string
	database   string
	format     string // of the answer, unless the statement names one
	settings   map[string]string
	parameters map[string]string
	readOnly   bool // method GET
	revision   int  // the client's protocol revision; 0 when it sends none

	blocks          bool // ClickHouse's block compression
	blockMethod     compress.Method
	contentEncoding string
}

// notSettings are the URL parameters of the HTTP interface itself. Users and
// sessions are accepted and mean nothing here.
var notSettings = map[string]bool{
	"query": true, "query_id": true, "database": true, "default_format": true,
	"compress": true, "decompress": true, "enable_http_compression": true,
	"network_compression_method": true, "network_zstd_compression_level": true,
	"client_protocol_version": true, "user": true, "password": true, "quota_key": true,
	"session_id": true, "session_timeout": true, "session_check": true, "close_session": true,
	"role": true, "stacktrace": true, "wait_end_of_query": true, "buffer_size": true,
	"http_write_exception_in_output_format": true,
}

// parseRequest reads a query from an HTTP request. The rows of an INSERT stay
// in the body and are read as the engine takes them.
func parseRequest(r *http.Request) (*request, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, raise(36, "BAD_ARGUMENTS", "the URL's parameters: %v", err)
	}
	q := &request{
		id:         first(values.Get("query_id"), rand.Text()),
		database:   first(values.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		format:     first(values.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		settings:   map[string]string{},
		parameters: map[string]string{},
		readOnly:   r.Method != http.MethodPost,

		blocks:      values.Get("compress") == "1",
		blockMethod: blockMethod(values.Get("network_compression_method")),
	}
	for name := range values {
		if parameter, ok := strings.CutPrefix(name, "param_"); ok {
			q.parameters[parameter] = values.Get(name)
		} else if !notSettings[name] {
			q.settings[name] = values.Get(name)
		}
	}
	if version := values.Get("client_protocol_version"); version != "" {
		if q.revision, err = strconv.Atoi(version); err != nil {
			return nil, raise(36, "BAD_ARGUMENTS", "client_protocol_version: %v", err)
		}
	}
	if values.Get("enable_http_compression") == "1" {
		q.contentEncoding = contentEncoding(r.Header.Get("Accept-Encoding"))
	}

	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, raise(48, "NOT_IMPLEMENTED", "External tables and form fields are not supported by the embedded server; send the query in the URL or the body")
	}
	body, err := decoded(r.Body, r.Header.Get("Content-Encoding"), values.Get("decompress") == "1")
	if err != nil {
		return nil, err
	}
	err = q.readStatement(values.Get("query"), body)
	return q, err
}

// readStatement finds the statement in the URL parameter and the body, which
// ClickHouse reads as one text, and leaves the rows of an INSERT unread.
func (q *request) readStatement(text string, body io.Reader) error {
	if insert, ok := splitInsert(text); ok && insert.format != "" {
		q.setInsert(insert, body)
		return nil
	}

	buffered := bufio.NewReaderSize(body, queryHead)
	if text == "" {
		head, err := buffered.Peek(queryHead)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the request's body: %w", err)
		}
		if insert, ok := splitInsert(string(head)); ok && insert.format != "" {
			if _, err := buffered.Discard(len(head)); err != nil {
				return err
			}
			q.setInsert(insert, buffered)
			return nil
		}
	}
	if insert, ok := splitInsert(text); ok {
		insert.format = "Values"
		if q.format != "TabSeparated" {
			insert.format = q.format
		}
		q.setInsert(insert, buffered)
		return nil
	}

	rest, err := io.ReadAll(io.LimitReader(buffered, maxQueryText+1))
	if err != nil {
		return fmt.Errorf("read the request's body: %w", err)
	}
	if len(rest) > maxQueryText {
		return raise(62, "SYNTAX_ERROR", "Max query size exceeded: a statement may have %d bytes; an INSERT must name its FORMAT in its first %d.", maxQueryText, queryHead)
	}
	q.statement = text + string(rest)
	if format := outputFormat(q.statement); format != "" {
		q.format = format
	}
	return nil
}

func (q *request) setInsert(insert insertion, body io.Reader) {
	q.statement = insert.statement
	q.rowsFormat = insert.format
	q.rows = io.MultiReader(strings.NewReader(insert.rows), body)
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
