// Package local runs NATS and ClickHouse inside this process, for tests, the
// demo and local development.
//
// StartNATS is the real nats-server with JetStream. StartClickHouse is the real
// ClickHouse engine, loaded as a shared library, behind an HTTP server that
// speaks ClickHouse's own protocol. Both listen on 127.0.0.1 only, keep their
// data in a folder, and bring it back when started there again.
//
// The package creates no streams and no tables, and it is not for production:
// there are no users, no replicas and no TLS.
//
// Read nats.go first, then clickhouse.go, which outlines the path of a query.
// Tests use the package localtest beside this one.
package local
