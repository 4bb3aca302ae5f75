package verify

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed sql/*.sql
var files embed.FS

// statements are those of a file, cut at the semicolons that end a line.
func statements(file string) ([]string, error) {
	text, err := files.ReadFile("sql/" + file)
	if err != nil {
		return nil, err
	}
	var out []string
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if strings.TrimSpace(statement) != "" {
			out = append(out, statement)
		}
	}

	return out, nil
}

// execute runs the statements of a file.
func execute(ctx context.Context, conn driver.Conn, file string, parameters map[string]string) error {
	all, err := statements(file)
	if err != nil {
		return err
	}
	for i, statement := range all {
		if err := conn.Exec(settings(ctx, parameters), statement); err != nil {
			return fmt.Errorf("verify: %s, statement %d: %w", file, i+1, err)
		}
	}

	return nil
}

// row runs the one query of a file, which answers one row.
func row(ctx context.Context, conn driver.Conn, file string, parameters map[string]string, into ...any) error {
	all, err := statements(file)
	if err != nil {
		return err
	}
	if err := conn.QueryRow(settings(ctx, parameters), all[0]).Scan(into...); err != nil {
		return fmt.Errorf("verify: %s: %w", file, err)
	}

	return nil
}

// settings let big statements use the disk before they use up the memory, and
// give unmatched rows of joins zero values.
func settings(ctx context.Context, parameters map[string]string) context.Context {
	const spill = 1 << 30 // bytes

	options := []clickhouse.QueryOption{clickhouse.WithSettings(clickhouse.Settings{
		"join_use_nulls":                     0,
		"max_bytes_before_external_group_by": spill,
		"max_bytes_before_external_sort":     spill,
		"max_execution_time":                 0,
		"precise_float_parsing":              1,
	})}
	if parameters != nil {
		options = append(options, clickhouse.WithParameters(parameters))
	}

	return clickhouse.Context(ctx, options...)
}

// with is base and more.
func with(base map[string]string, more ...string) map[string]string {
	out := maps.Clone(base)
	for pair := range slices.Chunk(more, 2) {
		out[pair[0]] = pair[1]
	}

	return out
}
