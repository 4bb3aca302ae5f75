package dashboards

import (
	"embed"
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

//go:embed queries
var queries embed.FS

// The plugin of the data source, and the UID that it has in provisioning/datasources:
// rules of alerts name it, panels read the one that is chosen.
const (
	sourceType = "grafana-clickhouse-datasource"
	sourceUID  = "ebb-clickhouse"
)

// format says what the plugin makes of the rows.
type format int

const (
	// asTimeSeries: a column named time, numbers, and texts as series names.
	asTimeSeries format = 0
	// asTable: the rows as they are.
	asTable format = 1
)

// query is a query of the ClickHouse plugin, which the SDK does not know.
type query struct {
	Datasource common.DataSourceRef `json:"datasource"`
	EditorType string               `json:"editorType"`
	Format     format               `json:"format"`
	QueryType  string               `json:"queryType"`
	RawSQL     string               `json:"rawSql"`
	RefID      string               `json:"refId"`
}

// ImplementsDataqueryVariant marks a query for the SDK.
func (query) ImplementsDataqueryVariant() {}

// DataqueryType is the plugin that runs the query.
func (query) DataqueryType() string { return sourceType }

// Equals reports whether other is the same query.
func (q query) Equals(other variants.Dataquery) bool {
	o, ok := other.(query)
	if !ok {
		return false
	}

	return q.Datasource.Equals(o.Datasource) && q.EditorType == o.EditorType && q.Format == o.Format &&
		q.QueryType == o.QueryType && q.RawSQL == o.RawSQL && q.RefID == o.RefID
}

// Validate refuses a query without SQL: its file is missing.
func (q query) Validate() error {
	if q.RawSQL == "" {
		return cog.BuildErrors{&cog.BuildError{Path: "rawSql", Message: "the query is empty"}}
	}

	return nil
}

// queryBuilder reads a query's file when the panel is built.
type queryBuilder struct {
	name   string // folder/file below queries, without .sql
	format format
	with   *beginning // with the beginning of the range, if any
}

// Build reads the file. Its errors have the type that the SDK's panels expect.
func (b queryBuilder) Build() (variants.Dataquery, error) {
	sql, err := readQuery(b.name)
	if err != nil {
		return nil, cog.BuildErrors{&cog.BuildError{Path: b.name, Message: err.Error()}}
	}
	if b.with != nil {
		if sql, err = b.with.in(sql); err != nil {
			return nil, cog.BuildErrors{&cog.BuildError{Path: b.name, Message: err.Error()}}
		}
	}
	kind := "table"
	if b.format == asTimeSeries {
		kind = "timeseries"
	}

	return query{
		Datasource: source(),
		EditorType: "sql",
		Format:     b.format,
		QueryType:  kind,
		RawSQL:     sql,
		RefID:      "A",
	}, nil
}

// readQuery is the SQL of a file below queries, by folder/file without .sql.
func readQuery(name string) (string, error) {
	sql, err := queries.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("read the query: %w", err)
	}

	return strings.TrimSpace(string(sql)), nil
}
