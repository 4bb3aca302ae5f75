package clickhouse

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/preflight"
)

func testConfig(t *testing.T) Config {
	t.Helper()
	database := localtest.ClickHouse(t)

	return Config{Address: "http://" + database.Addr, Database: database.Name}
}

// finding is the one of a name.
func finding(t *testing.T, found []preflight.Finding, name string) preflight.Finding {
	t.Helper()
	i := slices.IndexFunc(found, func(f preflight.Finding) bool { return f.Check == name })
	if i < 0 {
		t.Fatalf("no finding %q in %+v", name, found)
	}

	return found[i]
}

func TestPreflightFindsAllWellBeforeAndAfterTheFirstStart(t *testing.T) {
	c := testConfig(t)
	for range 2 {
		found := Preflight(t.Context(), c, "engagement")
		if worst := preflight.Worst(found); worst == preflight.Failed || len(found) < 3 {
			t.Errorf("findings %+v", found)
		}
		if err := Prepare(t.Context(), c, DefaultTTL()); err != nil {
			t.Fatal(err)
		}
		if err := Claim(t.Context(), c, "engagement"); err != nil {
			t.Fatal(err)
		}
	}
}

// The rows of two installations in one database could not be told apart.
func TestDatabaseOfAnotherPrefixIsRefused(t *testing.T) {
	c := testConfig(t)
	for range 2 { // again is no other
		if err := Claim(t.Context(), c, "shop"); err != nil {
			t.Fatal(err)
		}
	}
	err := Claim(t.Context(), c, "engagement")
	if err == nil || !strings.Contains(err.Error(), "prefix shop") || !strings.Contains(err.Error(), "clickhouse.database") {
		t.Errorf("claim: %v", err)
	}
	got := finding(t, Preflight(t.Context(), c, "engagement"), "clickhouse database")
	if got.Status != preflight.Failed || !strings.Contains(got.Text, "prefix shop") || !strings.Contains(got.Remedy, "clickhouse.database") {
		t.Errorf("finding %+v", got)
	}
}

func TestPreflightWarnsOfAServerThatIsAway(t *testing.T) {
	address := fmt.Sprint("http://127.0.0.1:", localtest.Port(t))
	got := finding(t, Preflight(t.Context(), Config{Address: address}, "engagement"), "clickhouse")
	if got.Status != preflight.Warning || !strings.Contains(got.Text, address) || !strings.Contains(got.Remedy, "clickhouse.addr") {
		t.Errorf("finding %+v", got)
	}
}

func TestPreflightNamesMissingRights(t *testing.T) {
	c := testConfig(t)
	conn, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	missing, err := missingRights(t.Context(), conn, c.Database, []string{"SELECT", "INSERT"})
	if err != nil || len(missing) != 0 {
		t.Errorf("missing %q, %v", missing, err)
	}
	// No user of the test's engine may make users.
	var granted uint8
	if err := conn.QueryRow(t.Context(), "CHECK GRANT CREATE USER ON *").Scan(&granted); err != nil || granted != 0 {
		t.Errorf("granted %d, %v", granted, err)
	}
}

func TestOldVersionsAreRefused(t *testing.T) {
	for version, old := range map[string]bool{
		"24.7.3.1": true, "23.12.1.1": true, "24.8.1.1": false, "25.1.2.3": false, "26.7.2.1": false, "head": false, "": false,
	} {
		if got := checkVersion("http://a", version); (got.Status == preflight.Failed) != old || old && !strings.Contains(got.Remedy, "24.8") {
			t.Errorf("%q: %+v", version, got)
		}
	}
}
