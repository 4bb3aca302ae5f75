package local

import "testing"

func TestWhatReachesOutIsFound(t *testing.T) {
	for _, text := range []string{
		"SELECT * FROM url('http://127.0.0.1/', 'TSV')",
		"SELECT * FROM URL ('http://127.0.0.1/')",
		"SELECT * FROM `file`('/etc/passwd')",
		"SELECT * FROM \"file\"('/etc/passwd')",
		"SELECT * FROM `fi\\x6ce`('/etc/passwd')",
		"SELECT * FROM “file”('/etc/passwd')",
		"SELECT * FROM file\u00a0('/etc/passwd')",
		"SELECT * FROM\u00a0file \u00a0 ('/etc/passwd')",
		"SELECT ‘'’, file('/etc/passwd'), ‘'’",
		"SELECT * FROM file/* ' */('/etc/passwd')",
		"SELECT 'it\\'s', 'a''b', file('/etc/passwd')",
		"WITH 1 AS a SELECT (SELECT file('/etc/passwd'))",
		"INSERT INTO FUNCTION file('/tmp/x', 'TSV') SELECT 1",
		"INSERT INTO t SETTINGS input_format_values_interpret_expressions = 1 VALUES",
		"INSERT INTO t FROM INFILE '/etc/passwd' FORMAT TSV",
		"SELECT 1 INTO OUTFILE '/tmp/x'",
		"SELECT * FROM eval('SELECT 1')",
		"DESCRIBE TABLE url('http://127.0.0.1/')",
		"CREATE TABLE t AS url('http://127.0.0.1/', 'TSV', 'a String')",
		"CREATE TABLE f (a String) ENGINE = File('TSV')",
		"CREATE TABLE f (a String) ENGINE File(TSV)",
		"CREATE TABLE f (a String) ENGINE=`URL`('http://127.0.0.1/', TSV)",
		"CREATE TABLE f (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = 'web', endpoint = 'http://127.0.0.1/')",
		"CREATE DATABASE d ENGINE = PostgreSQL('127.0.0.1:5432', 'a', 'b', 'c')",
		"CREATE TABLE q (a String) ENGINE = NATS SETTINGS nats_url = '127.0.0.1:4222'",
		"CREATE OR REPLACE DICTIONARY d (a UInt8) PRIMARY KEY a SOURCE(EXECUTABLE(COMMAND 'id' FORMAT 'TSV')) LAYOUT(FLAT()) LIFETIME(1)",
		"BACKUP TABLE t TO Disk('d', 'x')",
		"RESTORE TABLE t FROM Disk('d', 'x')",
	} {
		if reachesOut(text) == "" {
			t.Errorf("%s: nothing is found", text)
		}
	}
}

func TestWhatStaysInsideIsLeft(t *testing.T) {
	for _, text := range []string{
		"SELECT url, file, engine FROM t WHERE engine = 'File' AND url IN ('a')",
		"SELECT domain(url), 'file(', \"remote\" FROM numbers(3)",
		"SELECT name, engine FROM system.tables WHERE engine LIKE '%MergeTree'",
		"CREATE TABLE t (a UInt8, url String) ENGINE = ReplacingMergeTree(a) ORDER BY (a)",
		"CREATE TABLE t (engine String) ENGINE Memory",
		"CREATE VIEW v AS SELECT engine FROM system.tables",
		"CREATE MATERIALIZED VIEW v ENGINE = Memory AS SELECT 1 AS a",
		"INSERT INTO file (a) VALUES (1)",
		"-- file('x')\nSELECT 1",
		"",
	} {
		if what := reachesOut(text); what != "" {
			t.Errorf("%s: %s", text, what)
		}
	}
}
