package localtest_test

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
)

func TestDatabasesAreApartAndDropped(t *testing.T) {
	outer := localtest.ClickHouse(t)
	conn := outer.Open(t)

	var inner localtest.Database
	t.Run("inner", func(t *testing.T) {
		inner = localtest.ClickHouse(t)
		if err := inner.Open(t).Exec(t.Context(), "CREATE TABLE mine (a UInt8) ENGINE = MergeTree ORDER BY a"); err != nil {
			t.Fatal(err)
		}
		if n := count(t, conn, "SELECT count() FROM system.tables WHERE database = currentDatabase()"); n != 0 {
			t.Errorf("the outer database shows %d tables of the inner one", n)
		}
	})

	if inner.Addr != outer.Addr {
		t.Errorf("two servers, %s and %s; want one engine", inner.Addr, outer.Addr)
	}
	if n := count(t, conn, "SELECT count() FROM system.databases WHERE name = '"+inner.Name+"'"); n != 0 {
		t.Errorf("database %s outlives its test", inner.Name)
	}
}

func TestExternalClickHouseIsUsed(t *testing.T) {
	localtest.Rest(t)
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Setenv(local.EnvClickHouseAddr, server.Addr())
	if d := localtest.ClickHouse(t); d.Addr != server.Addr() {
		t.Errorf("database on %s, want %s", d.Addr, server.Addr())
	}
}

func TestExternalNATSIsUsedAndLeftEmpty(t *testing.T) {
	server, err := local.StartNATS(local.NATSConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	t.Setenv(local.EnvNATSURL, server.URL())

	conn, err := nats.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("user", func(t *testing.T) {
		if url := localtest.NATS(t); url != server.URL() {
			t.Errorf("URL %s, want %s", url, server.URL())
		}
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "LEFT", Subjects: []string{"left"}}); err != nil {
			t.Fatal(err)
		}
	})
	info, err := js.AccountInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Streams != 0 {
		t.Errorf("%d streams outlive the test", info.Streams)
	}
}

func TestNATSServersAreApart(t *testing.T) {
	if a, b := localtest.NATS(t), localtest.NATS(t); a == b {
		t.Errorf("both tests got %s", a)
	}
}

func count(t *testing.T, conn driver.Conn, query string) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A port that a server is to have twice is one that no server gets by asking for any.
func TestPortsAreNotGivenToOthers(t *testing.T) {
	const lowest = 32_768 // of those that Linux gives
	for range 2 {
		if port := localtest.Port(t); port < 1024 || port >= lowest {
			t.Errorf("port %d", port)
		}
	}
}
