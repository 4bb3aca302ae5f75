// Package clickhousetest gives tests a database with all of ebb's tables. To make them
// takes seconds, so they are made once and copied.
package clickhousetest

import (
	"context"
	"testing"

	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse"
)

// Migrated is an empty database of this version, whose rows are kept for ever. It is
// dropped at the test's end.
func Migrated(t testing.TB) localtest.Database {
	t.Helper()
	digest, err := clickhouse.Digest()
	if err != nil {
		t.Fatal(err)
	}

	return localtest.Prepared(t, digest, func(d localtest.Database) error {
		conn := d.Open(t)

		return clickhouse.Migrate(context.WithoutCancel(t.Context()), conn, clickhouse.TTL{})
	})
}
