package dashboards

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// CheckReport says of every query that ebb gives to Grafana how it fares in a database.
type CheckReport struct {
	Dashboards  int     `json:"dashboards"`
	Panels      int     `json:"panels"`
	AlertRules  int     `json:"alert_rules"`
	Failing     int     `json:"queries_failing"`     // of panels
	Empty       int     `json:"empty_results"`       // panels whose query has no row
	RulesFail   int     `json:"alert_rules_failing"` // rules whose query does not run
	RulesFiring int     `json:"alert_rules_firing"`  // rules that would fire now
	SlowestMS   float64 `json:"slowest_ms"`
	Queries     []Check `json:"queries"`
}

// Check is one query.
type Check struct {
	Of      string  `json:"of"` // uid of the dashboard, or alerts
	Title   string  `json:"title"`
	Rows    int     `json:"rows"`
	MS      float64 `json:"ms"`
	Error   string  `json:"error,omitempty"`
	MayLack bool    `json:"may_be_empty,omitempty"` // no row is what it shows when all is well
	Firing  bool    `json:"firing,omitempty"`       // of an alert
}

// queryTimeout bounds a query: nobody waits longer for a panel.
const queryTimeout = 30 * time.Second

// CheckAll runs the query of every panel, variable, annotation and alert, as Grafana would
// for a range that ends now. It reads and changes nothing.
func CheckAll(ctx context.Context, conn driver.Conn, span time.Duration) (*CheckReport, error) {
	now := time.Now()
	report := new(CheckReport)
	all := boards()
	for i := range all {
		r := Range{From: now.Add(-span), To: now, Interval: max(time.Minute, span/500)}
		if err := report.board(ctx, conn, &all[i], r); err != nil {
			return nil, err
		}
	}
	for _, a := range alerts() {
		sql, err := a.sql()
		if err != nil {
			return nil, err
		}
		report.AlertRules++
		check := Check{Of: "alerts", Title: a.title, MayLack: true}
		r := Range{From: now.Add(-alertRange * time.Second), To: now, Interval: time.Minute}
		if err := check.run(ctx, conn, sql, r, a.fires); err != nil {
			return nil, err
		}
		report.add(check)
	}

	return report, nil
}

// board checks one dashboard as it is when it is opened.
func (r *CheckReport) board(ctx context.Context, conn driver.Conn, b *board, in Range) error {
	built, err := b.build()
	if err != nil {
		return err
	}
	r.Dashboards++
	in.Variables = make(map[string][]string)
	for _, v := range built.Templating.List {
		if v.Type == dashboard.VariableTypeQuery {
			check := Check{Of: b.uid, Title: "variable " + v.Name}
			values, err := check.options(ctx, conn, *v.Query.String, in)
			if err != nil {
				return err
			}
			if v.Multi == nil || !*v.Multi {
				values = values[:min(1, len(values))]
			}
			in.Variables[v.Name] = values
			r.add(check)

			continue
		}
		in.Variables[v.Name] = preset(&v)
	}
	for _, a := range built.Annotations.List {
		q, ok := a.Target.(query)
		if !ok {
			continue
		}
		check := Check{Of: b.uid, Title: "annotation " + a.Name, MayLack: true}
		if err := check.run(ctx, conn, q.RawSQL, in, nil); err != nil {
			return err
		}
		r.add(check)
	}
	for i, p := range b.all() {
		for _, target := range p.built.Targets {
			q, ok := target.(query)
			if !ok {
				continue
			}
			r.Panels++
			check := Check{Of: b.uid, Title: panelTitle(&p.built, i), MayLack: p.mayBeEmpty}
			if err := check.run(ctx, conn, q.RawSQL, in, nil); err != nil {
				return err
			}
			r.add(check)
		}
	}

	return nil
}

// preset is what a variable without a query holds when its dashboard is opened.
func preset(v *dashboard.VariableModel) []string {
	switch {
	case v.Current == nil:
		return nil
	case v.Current.Value.String != nil:
		return []string{*v.Current.Value.String}
	case !slices.Equal(v.Current.Value.ArrayOfString, []string{every}):
		return v.Current.Value.ArrayOfString
	}
	var values []string
	for _, o := range v.Options {
		if text := o.Value.String; text != nil && *text != every {
			values = append(values, *text)
		}
	}

	return values
}

// options are those that a variable's query gives.
func (c *Check) options(ctx context.Context, conn driver.Conn, sql string, r Range) ([]string, error) {
	sql, err := r.Expand(sql)
	var values []string
	if err == nil {
		began := time.Now()
		values, err = texts(ctx, conn, sql)
		c.MS = float64(time.Since(began).Microseconds()) / 1000
		c.Rows = len(values)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		c.Error = err.Error()
	}

	return values, nil
}

func texts(ctx context.Context, conn driver.Conn, sql string) (values []string, err error) {
	ctx, cancel := reading(ctx)
	defer cancel()
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}

	return values, rows.Err()
}

// reading is a context for a query that may only read, and not for ever.
func reading(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)

	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"readonly": 2})), cancel
}

// run runs the query and counts its rows. fires judges the numbers of an alert. Only the
// end of the context is an error; what ClickHouse says stands in the check.
func (c *Check) run(ctx context.Context, conn driver.Conn, sql string, r Range, fires func(float64) bool) error {
	sql, err := r.Expand(sql)
	if err == nil {
		began := time.Now()
		err = c.count(ctx, conn, sql, fires)
		c.MS = float64(time.Since(began).Microseconds()) / 1000
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		c.Error = err.Error()
	}

	return nil
}

func (c *Check) count(ctx context.Context, conn driver.Conn, sql string, fires func(float64) bool) (err error) {
	ctx, cancel := reading(ctx)
	defer cancel()
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	number := -1
	for i, column := range rows.ColumnTypes() {
		if kind := column.DatabaseTypeName(); kind == "Float64" || kind == "Nullable(Float64)" {
			number = i
		}
	}
	for rows.Next() {
		c.Rows++
		switch {
		case fires == nil:
			continue
		case number < 0:
			return errors.New("an alert needs a column of type Float64")
		}
		value, err := scanNumber(rows, number)
		if err != nil {
			return err
		}
		c.Firing = c.Firing || value != nil && fires(*value)
	}

	return rows.Err()
}

// scanNumber reads one column of a row; nil where it is NULL.
func scanNumber(rows driver.Rows, number int) (*float64, error) {
	cells := make([]any, len(rows.ColumnTypes()))
	var value *float64
	for i, column := range rows.ColumnTypes() {
		switch {
		case i == number && column.Nullable():
			cells[i] = &value
		case i == number:
			value = new(float64)
			cells[i] = value
		default:
			cells[i] = reflect.New(column.ScanType()).Interface()
		}
	}
	if err := rows.Scan(cells...); err != nil {
		return nil, err
	}

	return value, nil
}

func (r *CheckReport) add(c Check) {
	r.SlowestMS = max(r.SlowestMS, c.MS)
	switch alert := c.Of == "alerts"; {
	case c.Error != "" && alert:
		r.RulesFail++
	case c.Error != "":
		r.Failing++
	case c.Firing:
		r.RulesFiring++
	case c.Rows == 0 && !c.MayLack:
		r.Empty++
	}
	r.Queries = append(r.Queries, c)
}
