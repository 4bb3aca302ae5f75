package local

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// handle serves ClickHouse's HTTP interface.
func (c *ClickHouse) handle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-ClickHouse-Server-Display-Name", displayName)
	if !fromThisMachine(r) {
		http.Error(w, "requests from other origins, such as other web pages, are refused: use 127.0.0.1 or localhost", http.StatusForbidden)
		return
	}
	if r.URL.Path != "/" && r.URL.Path != "/ping" {
		http.NotFound(w, r)
		return
	}

	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if r.URL.Path == "/ping" || r.URL.RawQuery == "" {
			fmt.Fprint(w, "Ok.\n")
			return
		}
	case http.MethodPost:
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "use GET or POST", http.StatusMethodNotAllowed)
		return
	}
	c.serveQuery(w, r)
}

func (c *ClickHouse) serveQuery(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	if !c.admit() {
		http.Error(w, "the server is closing", http.StatusServiceUnavailable)
		return
	}
	defer c.queries.Done()

	q, err := parseRequest(r)
	if err != nil {
		c.fail(w, "", err)
		return
	}

	header := w.Header()
	header.Set("X-ClickHouse-Query-Id", q.id)
	header.Set("X-ClickHouse-Format", q.format)
	header.Set("X-ClickHouse-Timezone", first(q.settings["session_timezone"], timezone))

	if q.revision > 0 && q.rows == nil && isHello(q.statement) {
		block, err := helloBlock(c.version, q.revision)
		if err != nil {
			c.fail(w, q.id, err)
			return
		}
		c.answer(w, q, block)
		return
	}

	result, err := c.run(r.Context(), q)
	if err != nil {
		c.fail(w, q.id, err)
		return
	}
	defer result.close()

	sum := result.summary()
	sum.ElapsedNS = time.Since(start).Nanoseconds()
	if text, err := json.Marshal(sum); err == nil {
		header.Set("X-ClickHouse-Summary", string(text))
	}
	c.answer(w, q, result.data)
}

// run executes a request in a session of its own, when a place is free.
func (c *ClickHouse) run(ctx context.Context, q *request) (*result, error) {
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}

	s, err := c.engine.open()
	if err != nil {
		return nil, err
	}
	defer s.close()
	what, err := q.reachesOut()
	if err != nil {
		return nil, err
	}
	if what != "" {
		return nil, raise(497, "ACCESS_DENIED", "Not enough privileges: %s goes beyond the database, and the embedded server does not do that. Use a ClickHouse server for it.", what)
	}
	if err := s.configure(q); err != nil {
		return nil, err
	}
	if err := s.check(q); err != nil {
		return nil, err
	}

	mark := killMark()
	defer c.killWhenGone(ctx, mark)()
	if q.rows != nil {
		return s.insert(ctx, mark+q.statement, q.rowsFormat, q.parameters, q.rows)
	}
	return s.query(mark+q.statement, q.format, q.parameters)
}

// check refuses what ClickHouse's HTTP interface refuses: several statements in
// one request, and changes by GET.
func (s *session) check(q *request) error {
	if q.rows != nil {
		if q.readOnly {
			return errReadOnly
		}
		return nil
	}

	a := s.analyze(q.statement)
	if a.statements > 1 {
		return raise(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed): send one statement a request.")
	}
	// A text that does not parse goes on: the engine says what is wrong with it.
	if q.readOnly && a.statements == 1 && a.class != classReadOnly {
		return errReadOnly
	}
	return nil
}

var errReadOnly = raise(164, "READONLY", "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries.")

func (c *ClickHouse) answer(w http.ResponseWriter, q *request, data []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType(q.format))
	if q.contentEncoding != "" && !q.blocks {
		header.Set("Content-Encoding", q.contentEncoding)
	} else if !q.blocks {
		header.Set("Content-Length", strconv.Itoa(len(data)))
	}
	if err := answerBody(w, q, data); err != nil {
		c.logger.Debug("send a result", "query_id", q.id, "error", err)
	}
}

func (c *ClickHouse) fail(w http.ResponseWriter, id string, err error) {
	e := asException(err)
	c.logger.Info("query failed", "query_id", id, "code", e.code, "error", e.message)
	header := w.Header()
	header.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.code))
	header.Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(e.status())
	message := e.message
	if !strings.Contains(message, "(version ") {
		message += " (version " + c.version + ")"
	}
	fmt.Fprintln(w, message)
}
