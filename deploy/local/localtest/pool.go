package localtest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Run runs the tests of a package, for its TestMain. The engine then runs until the last
// of them has ended, not until none uses it, and databases of Prepared whose tables are
// as they were made are emptied for the next test, which takes a tenth of the time to
// make another. Who starts an engine of their own in this process calls Rest before.
func Run(m *testing.M) (code int) {
	embedded.mu.Lock()
	embedded.stays = true
	embedded.mu.Unlock()
	code = m.Run()
	if err := embedded.rest(); err != nil {
		fmt.Fprintf(os.Stderr, "stop the embedded ClickHouse: %v\n", err)
		code = max(code, 1)
	}

	return code
}

// Rest stops the engine that Run keeps, so that the test can start one of its own.
func Rest(t testing.TB) {
	t.Helper()
	if err := embedded.rest(); err != nil {
		t.Fatalf("stop the embedded ClickHouse: %v", err)
	}
}

// made is a database of Prepared as it was made.
type made struct {
	name   string
	place  int
	schema uint64            // of its tables and views
	rows   map[string]uint64 // by table, of those that have some
}

// schemaOf tells two schemas apart. A view that was replaced has another id; tables are
// altered in their place.
const schemaOf = `SELECT cityHash64(groupArray(of)) FROM
(
    SELECT (name, toString(uuid), create_table_query) AS of FROM system.tables WHERE database = {database:String} AND engine != 'View' ORDER BY name
    UNION ALL
    SELECT (name, toString(uuid), '') AS of FROM system.tables WHERE database = {database:String} AND engine = 'View' ORDER BY name
)`

// look reads what the database is like.
func look(ctx context.Context, conn driver.Conn, name string) (made, error) {
	found := made{name: name, rows: map[string]uint64{}}
	database := clickhouse.Named("database", name)
	if err := conn.QueryRow(ctx, schemaOf, database).Scan(&found.schema); err != nil {
		return found, err
	}
	rows, err := conn.Query(ctx, "SELECT name, assumeNotNull(total_rows) FROM system.tables WHERE database = {database:String} AND total_rows > 0", database)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var n uint64
		if err := rows.Scan(&table, &n); err != nil {
			return found, err
		}
		found.rows[table] = n
	}

	return found, rows.Err()
}

// empty takes the rows out that came since the database was made. It is false where
// something else has changed.
func (m *made) empty(ctx context.Context, conn driver.Conn) (bool, error) {
	is, err := look(ctx, conn, m.name)
	if err != nil || is.schema != m.schema {
		return false, err
	}
	for table, n := range m.rows {
		if is.rows[table] != n {
			return false, nil
		}
	}
	for table := range is.rows {
		if m.rows[table] > 0 {
			continue
		}
		if err := conn.Exec(ctx, "TRUNCATE TABLE "+m.name+".`"+table+"` SYNC"); err != nil {
			return false, err
		}
	}

	return true, nil
}

// pooled is a database that another test has left, emptied, if there is one.
func pooled(t testing.TB, key string) (Database, bool) {
	t.Helper()
	embedded.mu.Lock()
	free := embedded.free[key]
	if embedded.server == nil || len(free) == 0 {
		embedded.mu.Unlock()

		return Database{}, false
	}
	m := free[len(free)-1]
	embedded.free[key] = free[:len(free)-1]
	embedded.mu.Unlock()

	d := Database{Addr: embedded.acquire(t), Name: m.name}
	admin := Database{Addr: d.Addr, Name: "default"}.Open(t)
	same, err := m.empty(t.Context(), admin)
	if err != nil {
		t.Fatalf("empty database %s: %v", d.Name, err)
	}
	if !same {
		prepared.free(m.place)
		if err := drop(t.Context(), admin, d.Name); err != nil {
			t.Fatalf("drop database %s: %v", d.Name, err)
		}

		return Database{}, false
	}
	t.Cleanup(func() { embedded.leave(key, m) })

	return d, true
}

// leaveAfter leaves the database, which was just made, to another test after this one.
func (d Database) leaveAfter(t testing.TB, key string, place int, admin driver.Conn) {
	t.Helper()
	m, err := look(t.Context(), admin, d.Name)
	if err != nil {
		t.Fatalf("look at database %s: %v", d.Name, err)
	}
	m.place = place
	t.Cleanup(func() { embedded.leave(key, m) })
}

// keeps is whether Run keeps the engine.
func (e *engine) keeps() bool {
	e.mu.Lock()
	defer e.mu.Unlock()

	return e.stays
}

// leave keeps the database for another test.
func (e *engine) leave(key string, m made) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.free == nil {
		e.free = map[string][]made{}
	}
	e.free[key] = append(e.free[key], m)
}

// rest stops the engine, which no test may use.
func (e *engine) rest() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.users > 0 {
		return fmt.Errorf("%d databases are in use: start the other engine before them", e.users)
	}
	if e.server == nil {
		return nil
	}
	for _, free := range e.free {
		for _, m := range free {
			prepared.free(m.place)
		}
	}

	return e.stop()
}
