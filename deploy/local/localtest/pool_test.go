package localtest_test

import (
	"os"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }

// A database goes to the next test without the rows of the one before, and rows that are
// inserted again are taken; one that is not as it was made goes to nobody.
func TestDatabasesAreLeftEmpty(t *testing.T) {
	prepare := func(d localtest.Database) error {
		conn := d.Open(t)
		for _, statement := range []string{
			"CREATE TABLE filled (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100",
			"CREATE TABLE made (n UInt64) ENGINE = MergeTree ORDER BY n",
			"INSERT INTO made VALUES (7)",
			"CREATE VIEW looks AS SELECT * FROM filled",
		} {
			if err := conn.Exec(t.Context(), statement); err != nil {
				return err
			}
		}

		return nil
	}
	var first uint64
	for _, change := range []struct {
		statement string
		same      bool // the next test gets the same
	}{
		{"SELECT 1", true},
		{"OPTIMIZE TABLE filled FINAL", true},
		{"CREATE OR REPLACE VIEW looks AS SELECT n + 1 AS n FROM filled", false},
		{"DROP VIEW looks", false},
		{"ALTER TABLE filled ADD COLUMN m UInt8", false},
		{"ALTER TABLE filled MODIFY TTL toDateTime(n) + toIntervalDay(1)", false},
		{"INSERT INTO made VALUES (8)", false},
		{"TRUNCATE TABLE made", false},
		{"CREATE TABLE more (n UInt64) ENGINE = MergeTree ORDER BY n", false},
		{"SELECT 1", true},
	} {
		t.Run(change.statement, func(t *testing.T) {
			conn := localtest.Prepared(t, "left-empty", prepare).Open(t)
			if n := count(t, conn, "SELECT count() FROM filled"); n != 0 {
				t.Errorf("%d rows are those of another test", n)
			}
			if n := count(t, conn, "SELECT sum(n) FROM made"); n != 7 {
				t.Errorf("the sum of what was made is %d, want 7", n)
			}
			for _, rows := range []string{"(1), (2), (3)", "(4)"} {
				run(t, conn, "INSERT INTO filled VALUES "+rows)
			}
			if n := count(t, conn, "SELECT count() FROM looks WHERE n < 5"); n != 4 {
				t.Errorf("%d rows of 4 that were inserted", n)
			}
			run(t, conn, change.statement)
			if first == 0 {
				first = identity(t, conn)
			}
		})
		t.Run("next", func(t *testing.T) {
			conn := localtest.Prepared(t, "left-empty", prepare).Open(t)
			if is := identity(t, conn); (is == first) != change.same {
				t.Errorf("after %s the same database is %t, want %t", change.statement, is == first, change.same)
			} else {
				first = is
			}
		})
	}
	localtest.Rest(t)
	conn := localtest.Prepared(t, "left-empty", prepare).Open(t)
	if n := count(t, conn, "SELECT count() FROM filled"); n != 0 {
		t.Errorf("%d rows outlive their engine", n)
	}
}

// identity is that of the table's making.
func identity(t *testing.T, conn driver.Conn) uint64 {
	t.Helper()

	return count(t, conn, "SELECT cityHash64(toString(uuid)) FROM system.tables WHERE database = currentDatabase() AND name = 'filled'")
}

func run(t *testing.T, conn driver.Conn, statement string) {
	t.Helper()
	if err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
