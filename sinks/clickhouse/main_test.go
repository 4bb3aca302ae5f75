package clickhouse_test

import (
	"os"
	"testing"

	"ebb/deploy/local/localtest"
)

func TestMain(m *testing.M) { os.Exit(localtest.Run(m)) }
