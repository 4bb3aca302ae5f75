package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// insertChunk is how much of an insert's body is handed to the engine at a time.
const insertChunk = 256 << 10

// session is one connection to the engine. It runs one statement at a time and
// is used by one goroutine.
type session struct {
	lib  *library
	conn unsafe.Pointer // chdb_connection *
}

func (s *session) close() { s.lib.closeConn(s.conn) }

// handle is the chdb_connection that most functions take.
func (s *session) handle() unsafe.Pointer { return *(*unsafe.Pointer)(s.conn) }

// result is what a statement returned. data lies in the engine's memory and is
// valid until close.
type result struct {
	lib     *library
	pointer unsafe.Pointer
	data    []byte
}

func (r *result) close() { r.lib.destroyQueryResult(r.pointer) }

// summary counts what a statement did, under the names of X-ClickHouse-Summary.
type summary struct {
	ReadRows     uint64 `json:"read_rows,string"`
	ReadBytes    uint64 `json:"read_bytes,string"`
	WrittenRows  uint64 `json:"written_rows,string"`
	WrittenBytes uint64 `json:"written_bytes,string"`
	ResultRows   uint64 `json:"result_rows,string"`
	ResultBytes  uint64 `json:"result_bytes,string"`
	ElapsedNS    int64  `json:"elapsed_ns,string"`
}

func (r *result) summary() summary {
	return summary{
		ReadRows:     r.lib.resultStorageRowsRead(r.pointer),
		ReadBytes:    r.lib.resultStorageBytesRead(r.pointer),
		WrittenRows:  r.lib.resultRowsWritten(r.pointer),
		WrittenBytes: r.lib.resultBytesWritten(r.pointer),
		ResultRows:   r.lib.resultRowsRead(r.pointer),
		ResultBytes:  uint64(len(r.data)),
	}
}

// query runs one statement with the values of its {name:Type} parameters. The
// caller closes the result.
func (s *session) query(statement, format string, parameters map[string]string) (*result, error) {
	p := pointParameters(parameters)
	query, queryLen := point(statement)
	name, nameLen := point(format)
	pointer := s.lib.queryWithParamsN(s.handle(), query, queryLen, name, nameLen,
		p.names, p.nameLens, p.values, p.valueLens, p.count)
	runtime.KeepAlive(statement)
	runtime.KeepAlive(format)
	runtime.KeepAlive(p)
	return s.take(pointer)
}

// exec runs one statement for its effect.
func (s *session) exec(statement string) error {
	r, err := s.query(statement, "Null", nil)
	if err != nil {
		return err
	}
	r.close()
	return nil
}

// insert runs an INSERT whose rows are read from data, in the named format. A
// read error cancels it, so that nothing of the block being read is stored.
func (s *session) insert(ctx context.Context, statement, format string, parameters map[string]string, data io.Reader) (*result, error) {
	p := pointParameters(parameters)
	query, queryLen := point(statement)
	name, nameLen := point(format)
	stream := s.lib.streamInsertWithParamsN(s.handle(), query, queryLen, name, nameLen,
		p.names, p.nameLens, p.values, p.valueLens, p.count)
	runtime.KeepAlive(statement)
	runtime.KeepAlive(format)
	runtime.KeepAlive(p)
	defer s.lib.destroyInsertStream(stream)
	if message := s.lib.streamInsertError(stream); message != "" {
		return nil, newException(message)
	}

	if err := s.feed(ctx, stream, data); err != nil {
		s.lib.streamCancelInsert(stream)
		return nil, err
	}
	return s.take(s.lib.streamDone(stream))
}

// feed copies data into the insert stream. It stops early without an error when
// the engine takes no more: the end of the stream then tells why.
func (s *session) feed(ctx context.Context, stream unsafe.Pointer, data io.Reader) error {
	buffer := make([]byte, insertChunk)
	for {
		n, err := io.ReadFull(data, buffer)
		if n > 0 && s.lib.streamAppend(stream, unsafe.Pointer(&buffer[0]), uintptr(n)) != 0 {
			return nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("read the rows of the insert: %w", err)
		}
	}
}

func (s *session) take(pointer unsafe.Pointer) (*result, error) {
	if pointer == nil {
		return nil, errors.New("the ClickHouse engine returned no result")
	}
	if message := s.lib.resultError(pointer); message != "" {
		s.lib.destroyQueryResult(pointer)
		return nil, newException(message)
	}
	r := &result{lib: s.lib, pointer: pointer}
	if n := s.lib.resultLength(pointer); n > 0 {
		r.data = unsafe.Slice((*byte)(s.lib.resultBuffer(pointer)), n)
	}
	return r, nil
}

// Classes of statements, from chdb.h.
const (
	classReadOnly = 0
	classUnknown  = 4
)

// analysis is chdb_query_analysis_v1.
type analysis struct {
	structSize uint32
	statements uint32 // 0 when the text does not parse
	flags      uint32
	class      uint32
}

// analyze says what a text would do without running it.
func (s *session) analyze(statement string) analysis {
	out := &analysis{structSize: uint32(unsafe.Sizeof(analysis{}))}
	sql, length := point(statement)
	if s.lib.classifyQueryN(s.handle(), sql, length, nil, 0, unsafe.Pointer(out)) != 0 {
		return analysis{class: classUnknown}
	}
	runtime.KeepAlive(statement)
	return *out
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// configure sets the session's database and settings. What it sets itself holds,
// whatever the request says: reading alone can't be undone within the session.
func (s *session) configure(q *request) error {
	database, settings := q.database, q.settings
	if database != "" {
		if err := s.exec("USE " + quote(database, '`')); err != nil {
			return err
		}
	}
	var assignments []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if name == "readonly" && q.readOnly {
			continue
		}
		if !settingName.MatchString(name) {
			return raise(115, "UNKNOWN_SETTING", "%q is not the name of a setting", name)
		}
		assignments = append(assignments, name+" = "+quote(settings[name], '\''))
	}
	if q.plainValues {
		assignments = append(assignments, expressions+" = 0")
	}
	if q.readOnly {
		assignments = append(assignments, "readonly = 1")
	}
	if len(assignments) == 0 {
		return nil
	}
	return s.exec("SET " + strings.Join(assignments, ", "))
}

// quote writes text as an SQL string or identifier, by the quote mark.
func quote(text string, mark byte) string {
	m := string(mark)
	return m + strings.NewReplacer(`\`, `\\`, m, `\`+m).Replace(text) + m
}

// point returns the address and length of a text. The caller keeps it alive.
func point(text string) (unsafe.Pointer, uintptr) {
	if text == "" {
		return unsafe.Pointer(new(byte)), 0
	}
	return unsafe.Pointer(unsafe.StringData(text)), uintptr(len(text))
}

// parameterPointers are the parallel arrays in which the C interface takes
// parameters; the slices keep what they point to alive.
type parameterPointers struct {
	names, nameLens, values, valueLens unsafe.Pointer
	count                              uintptr

	texts   []unsafe.Pointer
	lengths []uintptr
}

func pointParameters(parameters map[string]string) *parameterPointers {
	n := len(parameters)
	p := &parameterPointers{count: uintptr(n), texts: make([]unsafe.Pointer, 2*n), lengths: make([]uintptr, 2*n)}
	if n == 0 {
		return p
	}
	i := 0
	for name, value := range parameters {
		p.texts[i], p.lengths[i] = point(name)
		p.texts[n+i], p.lengths[n+i] = point(value)
		i++
	}
	p.names, p.nameLens = unsafe.Pointer(&p.texts[0]), unsafe.Pointer(&p.lengths[0])
	p.values, p.valueLens = unsafe.Pointer(&p.texts[n]), unsafe.Pointer(&p.lengths[n])
	return p
}
