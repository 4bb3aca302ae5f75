// Package localtest gives a test real servers: a NATS server of its own and a
// database of its own on a ClickHouse engine that the test process shares.
//
// A missing engine library fails the test and names the command that installs
// it; nothing is skipped. Set EBB_NATS_URL or EBB_CLICKHOUSE_ADDR to test
// against servers that run elsewhere.
package localtest

import (
	"context"
	"testing"
	"time"
)

// cleanupTimeout bounds each step of tidying up after a test.
const cleanupTimeout = 30 * time.Second

// cleanupContext outlives the test's own context, which is cancelled before
// clean-up functions run.
func cleanupContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), cleanupTimeout)
	t.Cleanup(cancel)
	return ctx
}
