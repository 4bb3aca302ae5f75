package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local/localtest"
)

// released are the checksums of the schema files that databases out there have
// applied. These files can't change any more: a change is a file of its own,
// with the next number.
var released = []string{
	"fbf763ecff899c35e6bce9e09c99568d633eea6d20a7a56a4b70a26cbf141402",
	"1dd838d0c21ea0832c9a2b6e665280a7b24e895449499762252996c42dfc52cc",
	"bd9af5f34fb363e3726aa50f37e263213d76f2896cb8ecb6e991df2471d711a5",
	"7afb62c3846b3a89ec5f91a728ab3ba2a4457f51f17668c09fa9099db18b59a1",
	"93cf6ce4cd6cb13e5bebbdf3b73303949316d8d16a7bfadd2350151fa28a4938",
}

// TestMigrateFromTheReleasedSchema migrates a database that has the released
// files, and a signal of their time. What comes of it is what is made of an empty
// database, where views are made once.
func TestMigrateFromTheReleasedSchema(t *testing.T) {
	files, err := migrations(schema)
	if err != nil {
		t.Fatal(err)
	}
	conn := localtest.ClickHouse(t).Open(t)
	if err := conn.Exec(t.Context(), createMigrations); err != nil {
		t.Fatal(err)
	}
	for i, checksum := range released {
		if files[i].checksum != checksum {
			t.Errorf("schema file %s is released, and has been changed since (checksum %.12s, then %.12s)",
				files[i].name, files[i].checksum, checksum)
		}
		if err := apply(t.Context(), conn, files[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	const signal = `INSERT INTO signals (customer, episode, signal, level, previous, at, risk, reason_code, reason_log_odds, reason_text)
		VALUES ('c', 1, 'raised', 'at_risk', 'healthy', toDateTime64(60, 3, 'UTC'), 0.5, ['a', 'b'], [1, 0.5], ['one', 'two'])`
	if err := conn.Exec(t.Context(), signal); err != nil {
		t.Fatal(err)
	}

	if err := Migrate(t.Context(), conn, TTL{}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT count() FROM ebb_migrations FINAL":                                    fmt.Sprintf("[(%d)]", len(files)),
		"SELECT customer, level, reasons, value, holdout FROM v_at_risk":              "[('c','at_risk','one; two',0,false)]",
		"SELECT customer, signal, level, previous, risk, reason FROM v_level_changes": "[('c','raised','at_risk','healthy',0.5,'a')]",
		"SELECT place, text, mapKeys(numbers) AS names FROM v_reasons ORDER BY ALL":   "[(1,'one',[]),(2,'two',[])]",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), fmt.Sprintf("SELECT toString(groupArray(tuple(*))) FROM (%s)", query)).Scan(&got); err != nil {
			t.Errorf("%s: %v", query, err)
		} else if got != want {
			t.Errorf("%s\n is  %s\nwant %s", query, got, want)
		}
	}

	empty := localtest.ClickHouse(t).Open(t)
	if err := Migrate(t.Context(), empty, TTL{}); err != nil {
		t.Fatal(err)
	}
	made := madeOf(t, empty)
	expectMade(t, "grown from the released schema", madeOf(t, conn), made)

	// A first start that ends in the middle, and the one after it.
	halfway := localtest.ClickHouse(t).Open(t)
	statements := 0
	for _, file := range files {
		statements += len(file.statements)
	}
	if err := Migrate(t.Context(), &failing{Conn: halfway, left: statements / 2}, TTL{}); !errors.Is(err, errFailing) {
		t.Fatalf("a server that goes away in the middle: %v", err)
	}
	if err := Migrate(t.Context(), halfway, TTL{}); err != nil {
		t.Fatal(err)
	}
	expectMade(t, "of two starts", madeOf(t, halfway), made)
}

func expectMade(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name, of := range want {
		if got[name] != of {
			t.Errorf("%s, %s is\n%s\nand of an empty database\n%s", what, name, got[name], of)
		}
	}
	if len(want) < 200 || len(got) != len(want) {
		t.Errorf("%s: %d tables and views, and %d of an empty database", what, len(got), len(want))
	}
}

var errFailing = errors.New("the server went away")

// failing is a server that goes away after so many statements.
type failing struct {
	driver.Conn

	left int
}

func (f *failing) Exec(ctx context.Context, query string, args ...any) error {
	if f.left--; f.left < 0 {
		return errFailing
	}

	return f.Conn.Exec(ctx, query, args...)
}

// madeOf is what makes each table and view of a database.
func madeOf(t *testing.T, conn driver.Conn) map[string]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT name, replaceAll(create_table_query, currentDatabase(), '') FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	made := map[string]string{}
	for rows.Next() {
		var name, of string
		if err := rows.Scan(&name, &of); err != nil {
			t.Fatal(err)
		}
		made[name] = of
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	return made
}
