package report

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// newest28 is the newest window of 28 days.
const newest28 = "window = '28d' AND window_end = (SELECT max(window_end) FROM v_total WHERE window = '28d')"

// Read asks the views of a database that holds rows up to clock.
func Read(ctx context.Context, conn driver.Conn, clock time.Time) (*Report, error) {
	r := &Report{ // lists are lists for programs, also where there is nothing
		Clock: clock, Figures: []Figure{}, Orders: []Orders{}, AtStake: []AtStake{}, Why: []Why{}, Campaigns: []Campaign{}, Waiting: []Waiting{},
	}
	for what, query := range map[string]func(context.Context, driver.Conn) error{
		"figures": r.readFigures, "orders": r.readOrders, "levels": r.readLevels,
		"what is at stake": r.readAtStake, "reasons": r.readWhy, "campaigns": r.readCampaigns,
	} {
		if err := query(ctx, conn); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", clickhouse.ErrNotRead, what, err)
		}
	}

	return r, nil
}

// AddFeeding adds what is not fed.
func (r *Report) AddFeeding(feeding clickhouse.Feeding, all []metric.Description) {
	for i := range all {
		d := &all[i]
		if fed, asked := feeding.Fed[d.Name]; asked && fed.Problem == "" && fed.Rows == 0 && !quiet(d.Name) {
			r.Waiting = append(r.Waiting, Waiting{d.Name, d.Title, d.FedBy})
		}
	}
}

// quiet are tables of which it is good news that they have no rows.
func quiet(name string) bool {
	return name == "feed" || name == "late" || name == "deadletters" || name == "custom" || name == "cuts" || name == "cut_figures"
}

// each reads the rows of a query.
func each(ctx context.Context, conn driver.Conn, query string, scan func(driver.Rows) error) error {
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}

	return rows.Err()
}

func (r *Report) readFigures(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT as_of, metric, segment, figure, value, before, target, met, industry, source FROM v_benchmark
		WHERE NOT startsWith(segment, 'channel=') OR target IS NOT NULL OR industry IS NOT NULL ORDER BY metric, figure, segment`,
		func(rows driver.Rows) error {
			var f Figure
			var asOf time.Time
			var met *uint8
			if err := rows.Scan(&asOf, &f.Metric, &f.Segment, &f.Figure, &f.Value, &f.Before, &f.Target, &met, &f.Industry, &f.Source); err != nil {
				return err
			}
			if met != nil {
				is := *met == 1
				f.Met = &is
			}
			asOf = asOf.UTC()
			r.AsOf = &asOf
			r.Figures = append(r.Figures, f)

			return nil
		})
}

func (r *Report) readOrders(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT currency, sumIf(events, type = 'order.completed'), sumIf(toFloat64(value), type = 'order.completed'),
		sumIf(events, type = 'order.returned'), abs(sumIf(toFloat64(value), type = 'order.returned'))
		FROM v_type WHERE `+newest28+` AND type IN ('order.completed', 'order.returned') GROUP BY currency ORDER BY 3 DESC, currency LIMIT 5`,
		func(rows driver.Rows) error {
			var o Orders
			err := rows.Scan(&o.Currency, &o.Orders, &o.Value, &o.Returns, &o.Returned)
			r.Orders = append(r.Orders, o)

			return err
		})
}

func (r *Report) readLevels(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, "SELECT toInt64(healthy), toInt64(cooling), toInt64(at_risk), toInt64(lapsed) FROM v_levels ORDER BY time DESC LIMIT 1", func(rows driver.Rows) error {
		return rows.Scan(&r.Levels.Healthy, &r.Levels.Cooling, &r.Levels.AtRisk, &r.Levels.Lapsed)
	})
}

func (r *Report) readAtStake(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT currency, toUInt64(customers), toFloat64(value), toFloat64(value_at_risk) FROM v_value_at_risk
		WHERE level = 'at_risk' ORDER BY value_at_risk DESC, currency LIMIT 5`, func(rows driver.Rows) error {
		var s AtStake
		err := rows.Scan(&s.Currency, &s.Customers, &s.Value, &s.ValueAtRisk)
		r.AtStake = append(r.AtStake, s)

		return err
	})
}

func (r *Report) readWhy(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, `SELECT reason_code[1] AS code, count() AS customers, min(reason_text[1]) FROM v_at_risk
		WHERE notEmpty(reason_code) GROUP BY code ORDER BY customers DESC, code LIMIT 5`, func(rows driver.Rows) error {
		var w Why
		err := rows.Scan(&w.Code, &w.Customers, &w.Example)
		r.Why = append(r.Why, w)

		return err
	})
}

func (r *Report) readCampaigns(ctx context.Context, conn driver.Conn) error {
	return each(ctx, conn, fmt.Sprintf(`SELECT campaign, sum(delivered) AS n, sum(opened), sum(clicked), sum(opened) / n, sum(clicked) / n AS rate FROM v_campaigns
		WHERE day > (SELECT toDate32(clock) - %d FROM v_clock) AND campaign NOT IN ('', '%s') GROUP BY campaign HAVING n >= %d ORDER BY rate DESC, campaign LIMIT 1000`,
		metric.Recent, metric.Other, leastDelivered),
		func(rows driver.Rows) error {
			var c Campaign
			err := rows.Scan(&c.Campaign, &c.Delivered, &c.Opened, &c.Clicked, &c.OpenRate, &c.ClickRate)
			r.Campaigns = append(r.Campaigns, c)

			return err
		})
}
