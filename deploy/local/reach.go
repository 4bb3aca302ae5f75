package local

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The engine runs with the rights of this program's user and has a table
// function for nearly everything that can be reached from here. Nothing of ebb
// needs one. So statements that name them are refused, for every client: whoever
// gets a statement in gets no further than the database.

// reaching are functions, of tables or of values, that read or write files,
// reach the network, run programs, or run a text as SQL. In lower case, because
// the engine takes some of them in any.
func reaching() []string {
	return []string{
		"arrowflight", "arrowstream", "azureblobstorage", "azureblobstoragecluster", "catboostevaluate", "cluster",
		"clusterallreplicas", "cosn", "deltalake", "deltalakeazure", "deltalakeazurecluster", "deltalakecluster", "deltalakelocal",
		"deltalakes3", "deltalakes3cluster", "disk", "eval", "executable", "file", "filecluster", "filesystem", "gcs", "hdfs",
		"hdfscluster", "hive", "hudi", "hudicluster", "iceberg", "icebergazure", "icebergazurecluster", "icebergcluster",
		"iceberghdfs", "iceberghdfscluster", "iceberglocal", "iceberglocalcluster", "icebergs3", "icebergs3cluster", "jdbc",
		"kafka", "mongo", "mongodb", "mysql", "nats", "odbc", "oss", "paimon", "paimonazure", "paimonazurecluster",
		"paimoncluster", "paimonhdfs", "paimonhdfscluster", "paimonlocal", "paimons3", "paimons3cluster", "postgresql",
		"prometheusquery", "prometheusqueryrange", "python", "rabbitmq", "redis", "remote", "remotesecure", "s3", "s3cluster",
		"sqlite", "url", "urlcluster", "ytsaurus",
	}
}

// engines are those that keep what they have in the data folder or in memory,
// beside the MergeTree family. All others are refused.
func engines() []string {
	return []string{
		"alias", "atomic", "buffer", "generaterandom", "join", "lazy", "log", "materializedview", "memory", "merge", "null",
		"ordinary", "set", "stripelog", "tinylog", "view",
	}
}

// expressions is the setting with which the rows of INSERT ... VALUES may hold
// any expression. A statement can't set it.
const expressions = "input_format_values_interpret_expressions"

// maxExpressions is in how many bytes of such rows expressions are allowed.
const maxExpressions = 1 << 20

// reachesOut says what in a request goes beyond the database, or "".
func (q *request) reachesOut() (string, error) {
	if what := reachesOut(q.statement); what != "" || q.rows == nil || !strings.EqualFold(q.rowsFormat, "Values") {
		return what, nil
	}
	rows, err := io.ReadAll(io.LimitReader(q.rows, maxExpressions+1))
	if err != nil {
		return "", fmt.Errorf("read the rows of the insert: %w", err)
	}
	q.rows = io.MultiReader(bytes.NewReader(rows), q.rows)
	if len(rows) > maxExpressions {
		q.plainValues = true

		return "", nil
	}

	return reachesOut(string(rows)), nil
}

// reachesOut says what in a statement goes beyond the database, or "".
func reachesOut(text string) string {
	l := &lexer{text: text}
	first := l.named()
	defines := l.is(first, "CREATE") || l.is(first, "ATTACH") || l.is(first, "REPLACE")
	if l.is(first, "BACKUP") || l.is(first, "RESTORE") {
		return strings.ToUpper(l.name(first))
	}
	functions := reaching()
	named := defines || l.is(first, "INSERT") // a new table, or one to fill, may have any name
	for before, t := first, first; t.kind != end; {
		next := l.named()
		name := l.name(t)
		isTable := named && (l.is(before, "INTO") || l.is(before, "TABLE")) && name != "function"
		if what := l.reachesBy(name, next, functions); what != "" && (!isTable || name == expressions) {
			return what
		}
		if defines && !isTable && t.kind == word {
			if name == "engine" && l.isSymbol(next, '=') {
				next = l.named()
			}
			if what := l.definesBy(name, before, next); what != "" {
				return what
			}
		}
		before, t = t, next
	}

	return ""
}

// reachesBy says what is reached by a name and what follows it, or "".
func (l *lexer) reachesBy(name string, next token, functions []string) string {
	switch {
	case name == expressions:
		return expressions
	case l.isSymbol(next, '(') && (slices.Contains(functions, name) || strings.Contains(name, `\`)):
		return "the function " + name
	case name == "into" && l.name(next) == "outfile", name == "from" && l.name(next) == "infile":
		return strings.ToUpper(name + " " + l.name(next))
	}

	return ""
}

// definesBy says what a definition reaches by a word between two others, or "".
// A column may be called engine, too.
func (l *lexer) definesBy(name string, before, next token) string {
	switch {
	case name == "dictionary":
		return "a dictionary"
	case name == "engine" && !l.isSymbol(before, '(') && !l.isSymbol(before, ','):
		if engine := l.name(next); isForeign(engine) {
			return "the engine " + engine
		}
	}

	return ""
}

// isForeign says whether a table of this engine would lie elsewhere.
func isForeign(engine string) bool {
	return engine != "" && !strings.HasSuffix(engine, "mergetree") && !slices.Contains(engines(), engine) && !isClause(engine)
}

// isClause says whether a word after a column called engine goes on with the
// query.
func isClause(name string) bool {
	return slices.Contains([]string{"and", "as", "asc", "desc", "from", "in", "is", "like", "not", "or"}, name)
}

// named is the next token but for what the engine takes for space.
func (l *lexer) named() token {
	t := l.next()
	for t.kind == word && l.name(t) == "" {
		t = l.next()
	}

	return t
}

// name is a token as an identifier, in lower case: the last part of it that is
// ASCII, because the engine takes some other characters for spaces or quotes.
// Names with escapes stay as they are written. It is "" for all that is none.
func (l *lexer) name(t token) string {
	text := l.text[t.start:t.stop]
	switch {
	case t.kind == word:
	case t.kind == quoted && len(text) > 1 && text[0] != '\'' && text[0] != '$':
		text = strings.Trim(text, "`\"")
	default:
		return ""
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r >= 0x80 })
	if len(parts) == 0 {
		return ""
	}

	return strings.ToLower(parts[len(parts)-1])
}
