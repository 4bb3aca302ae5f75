package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"

	"ebb/dashboards"
)

const (
	queryTimeout = 20 * time.Second // nobody waits longer for a panel
	maxRows      = 20_000           // of a panel
)

// column is one of the columns of a query's answer: times, texts or numbers, of
// which those that are missing are NaN.
type column struct {
	name    string
	times   []time.Time
	texts   []string
	numbers []float64
}

func (c *column) isNumber() bool { return c.numbers != nil }
func (c *column) isTime() bool   { return c.times != nil }

// days says whether all its times are midnights: it holds days.
func (c *column) days() bool {
	return !slices.ContainsFunc(c.times, func(at time.Time) bool { return !at.Equal(at.UTC().Truncate(24 * time.Hour)) })
}

// frame is a query's answer.
type frame struct {
	columns []column
	rows    int
}

// find is the column of a name, nil where there is none.
func (f *frame) find(name string) *column {
	if i := slices.IndexFunc(f.columns, func(c column) bool { return c.name == name }); i >= 0 {
		return &f.columns[i]
	}

	return nil
}

// firstTexts are the values of the first column of texts.
func (f *frame) firstTexts() []string {
	for i := range f.columns {
		if f.columns[i].texts != nil {
			return f.columns[i].texts
		}
	}

	return nil
}

// query asks ClickHouse as the plugin of Grafana would.
func (s *site) query(ctx context.Context, sql string, r dashboards.Range) (_ *frame, err error) {
	if sql, err = r.Expand(sql); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := s.conn.Query(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"readonly": 2, "max_result_rows": maxRows, "result_overflow_mode": "break",
	})), sql)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	f := new(frame)
	var targets []any
	for _, t := range rows.ColumnTypes() {
		targets = append(targets, reflect.New(t.ScanType()).Interface())
		f.columns = append(f.columns, emptyColumn(t.Name(), t.DatabaseTypeName()))
	}
	for rows.Next() && f.rows < maxRows {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i := range f.columns {
			f.columns[i].add(reflect.ValueOf(targets[i]).Elem())
		}
		f.rows++
	}

	return f, rows.Err()
}

func emptyColumn(name, kind string) column {
	c := column{name: name}
	for _, wrapper := range []string{"LowCardinality(", "Nullable("} {
		kind = strings.TrimPrefix(kind, wrapper)
	}
	switch {
	case strings.HasPrefix(kind, "Date"):
		c.times = []time.Time{}
	case strings.HasPrefix(kind, "Int"), strings.HasPrefix(kind, "UInt"), strings.HasPrefix(kind, "Float"), strings.HasPrefix(kind, "Decimal"):
		c.numbers = []float64{}
	default:
		c.texts = []string{}
	}

	return c
}

// add takes a value as the driver gives it.
func (c *column) add(value reflect.Value) {
	for value.Kind() == reflect.Pointer && !value.IsNil() && value.Type() != reflect.TypeFor[*decimal.Decimal]() {
		value = value.Elem()
	}
	null := value.Kind() == reflect.Pointer && value.IsNil()
	switch {
	case c.times != nil:
		at, _ := value.Interface().(time.Time) // the zero time where there is none
		c.times = append(c.times, at)
	case c.numbers != nil && null:
		c.numbers = append(c.numbers, math.NaN())
	case c.numbers != nil:
		c.numbers = append(c.numbers, numberOf(value))
	case null:
		c.texts = append(c.texts, "")
	default:
		c.texts = append(c.texts, fmt.Sprint(value.Interface()))
	}
}

func numberOf(value reflect.Value) float64 {
	switch {
	case value.CanInt():
		return float64(value.Int())
	case value.CanUint():
		return float64(value.Uint())
	case value.CanFloat():
		return value.Float()
	}
	switch v := value.Interface().(type) {
	case decimal.Decimal:
		return v.InexactFloat64()
	case *decimal.Decimal:
		return v.InexactFloat64()
	case fmt.Stringer: // 128 bits and more
		var out float64
		if _, err := fmt.Sscan(v.String(), &out); err == nil {
			return out
		}
	}

	return math.NaN()
}
