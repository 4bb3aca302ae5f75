// Package dashboards builds the Grafana dashboards of ebb as code.
//
// It promises files that Grafana provisions as they are, the same bytes every
// time, without a secret in them, and queries that read the views of the
// ClickHouse schema and nothing below them. It doesn't talk to Grafana or
// ClickHouse.
//
// A dashboard is one file of this package and a folder of queries, one .sql
// file a panel. Read overview.go first: a new dashboard is another file like
// it and a line in files.go.
package dashboards

//go:generate go run ebb/cmd/ebb dashboards ../deploy/grafana/provisioning
