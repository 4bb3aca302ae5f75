// Package clickhouse keeps rows in ClickHouse.
//
// It promises that writing a batch again, at any age, leaves the same tables:
// they are ReplacingMergeTree with the row's version, and the views of the
// schema read them deduplicated. A failed Write is an unknown outcome, which
// the caller resolves by writing the batch again. Inserts are synchronous
// Native blocks, one a table; asynchronous inserts are never used, because
// ClickHouse answers those before the rows are safe.
//
// The tables and views are the numbered files in folder schema; Migrate applies
// them. The package does not create users, and it does not make the tables
// replicated or distributed.
//
// Read config.go for how to connect, sink.go for writing, migrate.go for the
// schema. Package verify beside this one proves the tables from the raw input.
package clickhouse
