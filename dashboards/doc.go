// Package dashboards builds the Grafana dashboards of ebb as code.
//
// It promises files that Grafana provisions as they are, the same bytes every
// time, without a secret in them, and queries that read the views of the
// ClickHouse schema and nothing below them. It doesn't talk to Grafana; CheckAll
// runs the queries in a ClickHouse.
//
// A dashboard is one file of this package and a folder of queries, one .sql
// file each, which run without Grafana through Range.Expand. What a panel says
// of a registered figure comes from the registry of metrics (described.go).
// Colours stand in colors.go, one for one thing on every dashboard; kinds of
// panels in panels.go, with no options but those that were seen to work.
// Read overview.go first: a new dashboard is another file like it and a word
// in board.go.
package dashboards

//go:generate go run ebb/cmd/ebb dashboards ../deploy/grafana/provisioning
