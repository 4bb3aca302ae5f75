package local_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"ebb/deploy/local/localtest"
)

// call is one HTTP request as curl would send it.
type call struct {
	method string
	query  url.Values
	body   io.Reader
	header http.Header
	path   string
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func send(t *testing.T, d localtest.Database, c call) answer {
	t.Helper()
	if c.query == nil {
		c.query = url.Values{}
	}
	if c.path != "/ping" && len(c.query) > 0 || c.body != nil {
		c.query.Set("database", d.Name)
	}
	request, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+d.Addr+c.path+"?"+c.query.Encode(), c.body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range c.header {
		request.Header[name] = values
	}
	if host := c.header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func get(t *testing.T, d localtest.Database, query string) answer {
	t.Helper()
	return send(t, d, call{method: http.MethodGet, path: "/", query: url.Values{"query": {query}}})
}

func post(t *testing.T, d localtest.Database, body string) answer {
	t.Helper()
	return send(t, d, call{method: http.MethodPost, path: "/", body: strings.NewReader(body)})
}

func (a answer) want(t *testing.T, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got %d %q, want %d %q", a.status, a.body, status, body)
	}
}

func (a answer) wantException(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || a.header.Get("X-ClickHouse-Exception-Code") != code || !strings.HasPrefix(a.body, "Code: "+code+". DB::Exception: ") {
		t.Errorf("got %d, code header %q, %q; want %d and code %s", a.status, a.header.Get("X-ClickHouse-Exception-Code"), a.body, status, code)
	}
}

func TestHTTPPing(t *testing.T) {
	d := localtest.ClickHouse(t)
	send(t, d, call{method: http.MethodGet, path: "/ping"}).want(t, 200, "Ok.\n")
	send(t, d, call{method: http.MethodGet, path: "/"}).want(t, 200, "Ok.\n")
	if got := send(t, d, call{method: http.MethodGet, path: "/elsewhere"}); got.status != 404 {
		t.Errorf("unknown path: status %d, want 404", got.status)
	}
}

func TestHTTPFormats(t *testing.T) {
	d := localtest.ClickHouse(t)
	got := get(t, d, "SELECT 1 AS a, 'x' AS b FORMAT JSONEachRow")
	got.want(t, 200, "{\"a\":1,\"b\":\"x\"}\n")
	for name, want := range map[string]string{
		"X-Clickhouse-Format":   "JSONEachRow",
		"X-Clickhouse-Timezone": "UTC",
		"Content-Type":          "application/json; charset=UTF-8",
	} {
		if got := got.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got.header.Get("X-Clickhouse-Query-Id") == "" || !strings.Contains(got.header.Get("X-Clickhouse-Summary"), `"result_rows":"1"`) {
		t.Errorf("headers %v", got.header)
	}

	get(t, d, "SELECT 1, 'x'").want(t, 200, "1\tx\n")
	post(t, d, "SELECT 1, 'x'; -- a comment").want(t, 200, "1\tx\n")
	query := url.Values{"query": {"SELECT 1, 'x'"}, "default_format": {"CSV"}}
	send(t, d, call{method: http.MethodGet, path: "/", query: query}).want(t, 200, "1,\"x\"\n")
}

func TestHTTPGetReadsOnly(t *testing.T) {
	d := localtest.ClickHouse(t)
	for _, query := range []string{
		"CREATE TABLE t (a UInt8) ENGINE = Memory",
		"INSERT INTO t VALUES (1)",
		"INSERT INTO t SELECT 1",
		"SET max_threads = 1",
	} {
		get(t, d, query).wantException(t, 403, "164")
	}
	get(t, d, "SELEC").wantException(t, 400, "62")
}

func TestHTTPInserts(t *testing.T) {
	inBody := func(text string) call { return call{body: strings.NewReader(text)} }
	split := func(query, body string) call {
		return call{query: url.Values{"query": {query}}, body: strings.NewReader(body)}
	}
	tests := []struct {
		name string
		call call
		want string
	}{
		{"values", inBody("INSERT INTO t VALUES (1, 'a\nb'), (2, ')')"), "1\ta\\nb\n2\t)\n"},
		{"values with a semicolon", inBody("insert into t (a, b) values (1, 'x');\n"), "1\tx\n"},
		{"an expression in values", inBody("INSERT INTO t VALUES (1 + 1, concat('a', 'b'))"), "2\tab\n"},
		{"values in the body alone", split("INSERT INTO t VALUES", "(1, 'x')"), "1\tx\n"},
		{"no format", split("INSERT INTO t", "(1, 'x')"), "1\tx\n"},
		{"json in one text", inBody("INSERT INTO t FORMAT JSONEachRow\n{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}"), "1\tx\n2\ty\n"},
		{"json in the body", split("INSERT INTO t FORMAT JSONEachRow", `{"a":1,"b":"x"}`), "1\tx\n"},
		{"csv after comments", split("/* FORMAT */ INSERT INTO t -- FORMAT\n FORMAT CSV;", "1,\"x\ny\"\n"), "1\tx\\ny\n"},
		{"settings", split("INSERT INTO t SETTINGS input_format_null_as_default = 1 FORMAT JSONEachRow", `{"a":1,"b":"x"}`), "1\tx\n"},
		{"quoted names", split("INSERT INTO `t` (`a`, \"b\") FORMAT TSV", "1\tx\n"), "1\tx\n"},
		{"binary", split("INSERT INTO t FORMAT RowBinary", "\x01\x03a\n\x00"), "1\ta\\n\\0\n"},
		{"select", inBody("INSERT INTO t SELECT number, 'FORMAT' FROM numbers(2)"), "0\tFORMAT\n1\tFORMAT\n"},
		{"select with", inBody("INSERT INTO t (a, b) WITH 1 AS x SELECT x, 'y'"), "1\ty\n"},
		{"parameters in values", call{
			query: url.Values{"query": {"INSERT INTO t SELECT {a:UInt8}, {b:String}"}, "param_a": {"7"}, "param_b": {"it's"}},
			body:  strings.NewReader(""),
		}, "7\tit\\'s\n"},
	}
	localtest.ClickHouse(t) // keeps the engine running between the cases
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := localtest.ClickHouse(t)
			post(t, d, "CREATE TABLE t (a UInt8, b String) ENGINE = MergeTree ORDER BY a").want(t, 200, "")
			test.call.method, test.call.path = http.MethodPost, "/"
			send(t, d, test.call).want(t, 200, "")
			get(t, d, "SELECT * FROM t ORDER BY a").want(t, 200, test.want)
		})
	}
}

func TestHTTPRefusedInsertStoresNothing(t *testing.T) {
	d := localtest.ClickHouse(t)
	post(t, d, "CREATE TABLE t (a UInt8, b String) ENGINE = MergeTree ORDER BY a").want(t, 200, "")
	post(t, d, "INSERT INTO t FORMAT JSONEachRow {\"a\":1}\n{\"a\":\"word\"}").wantException(t, 400, "27")
	get(t, d, "SELECT count() FROM t").want(t, 200, "0\n")
}

// A client that dies in the middle of its rows must not leave half a block.
func TestHTTPCutInsertStoresNothing(t *testing.T) {
	d := localtest.ClickHouse(t)
	post(t, d, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a").want(t, 200, "")

	body, feed := io.Pipe()
	query := url.Values{"query": {"INSERT INTO t FORMAT TSV"}, "database": {d.Name}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+d.Addr+"/?"+query.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
		}
		ended <- err
	}()
	fmt.Fprint(feed, "1\n2\n3")
	feed.CloseWithError(io.ErrClosedPipe)
	if err := <-ended; err == nil {
		t.Fatal("the cut request reported no error")
	}

	waitForQuery(t, d.Open(t), "INSERT INTO t", 0)
	get(t, d, "SELECT count() FROM t").want(t, 200, "0\n")
}

func TestHTTPStreamsALargeInsert(t *testing.T) {
	const rows = 100_000
	d := localtest.ClickHouse(t)
	post(t, d, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a").want(t, 200, "")

	body, feed := io.Pipe()
	var total uint64
	go func() {
		compressed := gzip.NewWriter(feed)
		random := rand.New(rand.NewPCG(1, 2))
		for range rows {
			n := random.Uint64N(1000)
			total += n
			fmt.Fprintf(compressed, "%d\t%s\n", n, strings.Repeat("x", int(n%50)))
		}
		feed.CloseWithError(compressed.Close())
	}()
	got := send(t, d, call{
		method: http.MethodPost, path: "/", body: body,
		query:  url.Values{"query": {"INSERT INTO t FORMAT TSV"}},
		header: http.Header{"Content-Encoding": {"gzip"}},
	})
	got.want(t, 200, "")
	if want := fmt.Sprintf(`"written_rows":"%d"`, rows); !strings.Contains(got.header.Get("X-Clickhouse-Summary"), want) {
		t.Errorf("summary %s, want %s", got.header.Get("X-Clickhouse-Summary"), want)
	}
	get(t, d, "SELECT count(), sum(a) FROM t").want(t, 200, fmt.Sprintf("%d\t%d\n", rows, total))
}

func TestHTTPCompressesTheAnswer(t *testing.T) {
	d := localtest.ClickHouse(t)
	got := send(t, d, call{
		method: http.MethodGet, path: "/",
		query:  url.Values{"query": {"SELECT repeat('a', 10000)"}, "enable_http_compression": {"1"}},
		header: http.Header{"Accept-Encoding": {"zz, gzip;q=1"}},
	})
	reader, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatalf("%v in %d %v %q", err, got.status, got.header, got.body)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if want := append(bytes.Repeat([]byte("a"), 10000), '\n'); !bytes.Equal(text, want) {
		t.Errorf("%d bytes, want %d", len(text), len(want))
	}
}

func TestHTTPRefusals(t *testing.T) {
	d := localtest.ClickHouse(t)
	tests := []struct {
		name   string
		call   call
		status int
		body   string // a part of it
	}{
		{"unknown encoding", call{method: http.MethodPost, body: strings.NewReader("SELECT 1"), header: http.Header{"Content-Encoding": {"snappy"}}}, 501, "Code: 48."},
		{"form", call{method: http.MethodPost, body: strings.NewReader("x"), header: http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}}, 501, "External tables"},
		{"cut block compression", call{method: http.MethodPost, body: strings.NewReader("short"), query: url.Values{"query": {"INSERT INTO t FORMAT TSV"}, "decompress": {"1"}}}, 404, "Code: 60."},
		{"setting by a strange name", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}, "a b": {"1"}}}, 404, "Code: 115."},
		{"unknown setting", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}, "no_such": {"1"}}}, 404, "Code: 115."},
		{"another origin", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}}, header: http.Header{"Origin": {"https://example.com"}}}, 403, "origin"},
		{"an image of another site", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}}, header: http.Header{"Sec-Fetch-Site": {"cross-site"}}}, 403, "origin"},
		{"an image of another port", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}}, header: http.Header{"Sec-Fetch-Site": {"same-site"}}}, 403, "origin"},
		{"a typed address", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}}, header: http.Header{"Sec-Fetch-Site": {"none"}}}, 200, "1"},
		{"GET that would write", call{method: http.MethodGet, query: url.Values{"query": {"CREATE TABLE g (a UInt8) ENGINE = Memory"}, "readonly": {"0"}}}, 403, "Code: 164."},
		{"GET that ends its own bounds", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1 SETTINGS readonly = 0"}, "readonly": {"2"}}}, 403, "Code: 164."},
		{"another host name", call{method: http.MethodGet, query: url.Values{"query": {"SELECT 1"}}, header: http.Header{"Host": {"example.com"}}}, 403, "origin"},
		{"method", call{method: http.MethodDelete, query: url.Values{"query": {"SELECT 1"}}}, 405, "GET or POST"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.call.path = "/"
			got := send(t, d, test.call)
			if got.status != test.status || !strings.Contains(got.body, test.body) {
				t.Errorf("got %d %q, want %d with %q", got.status, got.body, test.status, test.body)
			}
		})
	}
}

// Session statements end with their request.
func TestHTTPRequestsShareNoState(t *testing.T) {
	d := localtest.ClickHouse(t)
	post(t, d, "CREATE TEMPORARY TABLE mine (a UInt8)").want(t, 200, "")
	post(t, d, "SELECT * FROM mine").wantException(t, 404, "60")
	post(t, d, "SET max_block_size = 777").want(t, 200, "")
	post(t, d, "USE system").want(t, 200, "")
	get(t, d, "SELECT currentDatabase(), getSetting('max_block_size') = 777").want(t, 200, d.Name+"\t0\n")
}

// The engine could read what this process can; over HTTP it does not, not even
// where values are expressions.
func TestHTTPStaysInTheDatabase(t *testing.T) {
	d := localtest.ClickHouse(t)
	file := t.TempDir() + "/secret"
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	post(t, d, "CREATE TABLE t (a String) ENGINE = Memory").want(t, 200, "")
	post(t, d, "INSERT INTO t VALUES ('kept'), ('two')").want(t, 200, "")
	for _, query := range []string{
		"SELECT * FROM file('" + file + "', 'LineAsString')",
		"SELECT * FROM\u00a0`file`('" + file + "', 'LineAsString')",
		"SELECT file('" + file + "')",
		"SELECT 1 INTO OUTFILE '" + file + ".out'",
		"CREATE TABLE f (a String) ENGINE = File('TSV', '" + file + "')",
		"INSERT INTO t VALUES (file('" + file + "'))",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			c := call{method: method, path: "/", query: url.Values{expressionsOn: {"1"}}}
			if method == http.MethodGet {
				c.query.Set("query", query)
			} else {
				c.body = strings.NewReader(query)
			}
			if got := send(t, d, c); got.status == 200 || strings.Contains(got.body, "secret\n") {
				t.Errorf("%s %s: %d %q", method, query, got.status, got.body)
			}
		}
	}
	many := strings.Repeat("('plain'), ", 100_000)
	for _, last := range []string{"('plain')", "(file('" + file + "'))"} {
		c := call{method: http.MethodPost, path: "/", query: url.Values{expressionsOn: {"1"}}, body: strings.NewReader("INSERT INTO t VALUES " + many + last)}
		if got := send(t, d, c); (got.status == 200) != (last == "('plain')") {
			t.Errorf("many rows and %s: %d %q", last, got.status, got.body)
		}
	}
	post(t, d, "INSERT INTO t VALUES (upper('expression'))").want(t, 200, "")
	post(t, d, "SELECT countIf(a != 'plain') FROM t").want(t, 200, "3\n")
	if _, err := os.Stat(file + ".out"); !os.IsNotExist(err) {
		t.Errorf("a file was written: %v", err)
	}
}

const expressionsOn = "input_format_values_interpret_expressions"
