package local

import (
	"strings"
	"testing"
)

func TestSplitInsert(t *testing.T) {
	tests := []struct {
		text                    string
		statement, format, rows string
	}{
		{"INSERT INTO t FORMAT Native", "INSERT INTO t ", "Native", ""},
		{"insert into t format CSV\n1,2", "insert into t ", "CSV", "1,2"},
		{"INSERT INTO t FORMAT CSV;  \r\n\n1", "INSERT INTO t ", "CSV", "\n1"},
		{"INSERT INTO db.`t t` (a, \"b\") VALUES (1)", "INSERT INTO db.`t t` (a, \"b\") ", "Values", " (1)"},
		{"INSERT INTO values VALUES (1)", "INSERT INTO values ", "Values", " (1)"},
		{"INSERT INTO format.select (values) FORMAT TSV", "INSERT INTO format.select (values) ", "TSV", ""},
		{"INSERT INTO TABLE t VALUES", "INSERT INTO TABLE t ", "Values", ""},
		{"INSERT t VALUES", "INSERT t ", "Values", ""},
		{"INSERT INTO FUNCTION file('FORMAT x') FORMAT CSV", "INSERT INTO FUNCTION file('FORMAT x') ", "CSV", ""},
		{"INSERT INTO t SETTINGS a = 'VALUES\\'', b = 1 FORMAT CSV", "INSERT INTO t SETTINGS a = 'VALUES\\'', b = 1 ", "CSV", ""},
		{"/* SELECT */ -- VALUES\nINSERT # FORMAT\n INTO t FORMAT CSV", "/* SELECT */ -- VALUES\nINSERT # FORMAT\n INTO t ", "CSV", ""},
		{"INSERT INTO t (a)  ; ", "INSERT INTO t (a)", "", ""},
		{"INSERT INTO t", "INSERT INTO t", "", ""},
	}
	for _, test := range tests {
		got, ok := splitInsert(test.text)
		if want := (insertion{test.statement, test.format, test.rows}); !ok || got != want {
			t.Errorf("splitInsert(%q) = %+v, %t; want %+v", test.text, got, ok, want)
		}
	}
}

func TestSplitInsertLeavesOthers(t *testing.T) {
	for _, text := range []string{
		"", ";", "SELECT 'INSERT INTO t VALUES'", "INSERTED INTO t VALUES",
		"INSERT INTO t SELECT 1 FORMAT CSV",
		"INSERT INTO t (a, b) SELECT 1",
		"INSERT INTO t (a) (SELECT 1)",
		"INSERT INTO t WITH 1 AS x SELECT x",
		"INSERT INTO t FROM INFILE 'x' FORMAT CSV",
		"EXPLAIN INSERT INTO t VALUES (1)",
		"'INSERT' INTO t VALUES",
	} {
		if got, ok := splitInsert(text); ok {
			t.Errorf("splitInsert(%q) = %+v, want no insert with rows", text, got)
		}
	}
}

func TestOutputFormat(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":              "",
		"SELECT 1 format JSON;": "JSON",
		"SELECT 'FORMAT CSV'":   "",
		"SELECT $x$ FORMAT CSV $x$ -- FORMAT Native": "",
		"SELECT $a, 1 FORMAT TSV SETTINGS a = 1":     "TSV",
		"SELECT formatDateTime(now(), '%F')":         "",
	} {
		if got := outputFormat(text); got != want {
			t.Errorf("outputFormat(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever the text, nothing of it may be lost between statement and rows.
func FuzzSplitInsert(f *testing.F) {
	for _, seed := range []string{
		"INSERT INTO t FORMAT CSV\n1", "INSERT INTO t (a) VALUES ('\\", "insert /*", "INSERT `", "INSERT $$", "INSERT $a", "INSERT t.", "INSERT INTO t FORMAT",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := splitInsert(text)
		if !ok {
			return
		}
		if !strings.HasPrefix(text, got.statement) {
			t.Errorf("%q does not begin with the statement %q", text, got.statement)
		}
		if !strings.HasSuffix(text, got.rows) {
			t.Errorf("%q does not end with the rows %q", text, got.rows)
		}
		if len(got.statement)+len(got.rows) > len(text) {
			t.Errorf("statement %q and rows %q of %q overlap", got.statement, got.rows, text)
		}
		if !strings.Contains(strings.ToUpper(text), strings.ToUpper(got.format)) {
			t.Errorf("format %q is not in %q", got.format, text)
		}
	})
}
