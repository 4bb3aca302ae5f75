package local_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
)

// envCrashDir makes the test binary a server on that folder, for a test to kill.
const envCrashDir = "EBB_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(envCrashDir); dir != "" {
		err := storeUntilKilled(dir)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// storeUntilKilled inserts rows 0, 1, 2, ... and prints each number once the
// insert of it is acknowledged.
func storeUntilKilled(dir string) error {
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: dir})
	if err != nil {
		return err
	}
	conn, err := clickhouse.Open(localtest.Database{Addr: server.Addr(), Name: "default"}.Options())
	if err != nil {
		return err
	}
	ctx := context.Background()
	if err := conn.Exec(ctx, "CREATE TABLE acknowledged (n UInt64) ENGINE = MergeTree ORDER BY n"); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO acknowledged VALUES (%d)", n)); err != nil {
			return err
		}
		fmt.Println("stored", n)
	}
}

func TestClickHouseKeepsAcknowledgedRowsOverAKill(t *testing.T) {
	const enough = 20
	dir := t.TempDir()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), executable)
	process.Env = append(os.Environ(), envCrashDir+"="+dir)
	process.Stderr = t.Output()
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}

	stored := 0
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "stored ") {
			continue
		}
		if stored++; stored == enough {
			if err := process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := process.Wait(); err == nil || stored < enough {
		t.Fatalf("the process ended with %v after %d rows, want it killed after %d", err, stored, enough)
	}

	conn := openConn(t, optionsOf(startClickHouse(t, dir)))
	got := selectOne[uint64](t, conn, "SELECT count() FROM acknowledged")
	// The row after the last acknowledged one may have been stored too.
	if want := uint64(stored); got != want && got != want+1 {
		t.Errorf("%d rows after the kill, want %d or %d", got, want, want+1)
	}
}
