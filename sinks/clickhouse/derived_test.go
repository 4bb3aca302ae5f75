package clickhouse_test

import (
	"fmt"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// execAll runs statements that fill tables.
func execAll(t *testing.T, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

// wants holds queries against what they give.
func wants(t *testing.T, conn driver.Conn, queries map[string]string) {
	t.Helper()
	for query, want := range queries {
		var got string
		err := conn.QueryRow(t.Context(), fmt.Sprintf("SELECT toString(groupArray(tuple(*))) FROM (%s)", query)).Scan(&got)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		} else if got != want {
			t.Errorf("%s\n is %s\nwant %s", query, got, want)
		}
	}
}

// The index is 100 where customers engage as in the four weeks before; it is nothing
// where one of these is missing, or customers are too few.
func TestEngagementIndex(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn,
		`INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-01 00:00:00', 0, '2026-03-01 00:00:00', '2026-03-01 00:00:00')`,
		// Two partitions; 20 customers with 10 points each week, then 20 with 15, then 4.
		`INSERT INTO rollups_total (window, window_end, partition, events, customers, version)
		 SELECT '7d', toDateTime64('2026-01-04', 3, 'UTC') + toIntervalDay(7 * number), p, 7, if(number = 5, 2, 10), 1
		 FROM numbers(6) ARRAY JOIN [0, 1] AS p`,
		`INSERT INTO rollups_engagement (window, window_end, partition, channel, events, points, version)
		 SELECT '7d', toDateTime64('2026-01-04', 3, 'UTC') + toIntervalDay(7 * number), p, c, 7, if(number = 4, 75, 50) * 1000000, 1
		 FROM numbers(6) ARRAY JOIN [0, 1] AS p, ['web', 'app'] AS c`,
	)
	wants(t, conn, map[string]string{
		`SELECT toString(toDate(window_end)), customers, points, usual_customers, usual_points, points_per_customer, engagement_index
		 FROM v_engagement_index WHERE window_end > '2026-01-20' ORDER BY window_end`: "[('2026-01-25',20,100,60,300,5,NULL),('2026-02-01',20,150,80,400,7.5,150),('2026-02-08',4,100,80,450,NULL,NULL)]",
	})
}

// Views that derive from others give what arithmetic by hand does.
func TestDerivedFigures(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn, "INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-01 00:00:00', 0, '2026-03-01 00:00:00', '2026-03-01 00:00:00')")
	fatigueDeciles(t, conn)
	channelConsistency(t, conn)
	costOfANewCustomer(t, conn)
	flowBetweenLevels(t, conn)
	percentilesOfProxies(t, conn)
}

// Pressures go into tenths as a whole, opt-outs with the messages of their pressure.
func fatigueDeciles(t *testing.T, conn driver.Conn) {
	t.Helper()
	execAll(t, conn,
		`INSERT INTO rollups_fatigue (window, window_end, partition, pressure, events, sent, opt_outs, responses, version) VALUES
		 ('24h', '2026-02-01', 0, '0', 300, 250, 0, 50, 1), ('24h', '2026-02-01', 1, '0', 260, 250, 1, 9, 1), ('24h', '2026-02-01', 0, '2', 410, 400, 8, 2, 1),
		 ('24h', '2026-02-01', 0, '10', 95, 90, 5, 0, 1), ('24h', '2026-02-01', 0, '50+', 15, 10, 5, 0, 1), ('24h', '2026-02-02', 0, '3', 1, 0, 1, 0, 1)`,
	)
	wants(t, conn, map[string]string{
		"SELECT decile, least_pressure, most_pressure, sent, opt_outs, opt_outs_per_thousand, response_rate FROM v_fatigue_deciles WHERE window_end = '2026-02-01' ORDER BY decile": "[(3,0,0,500,1,2,0.118),(7,2,2,400,8,20,0.005),(10,10,50,100,10,100,0)]",
		"SELECT decile, sent, opt_outs, opt_outs_per_thousand, response_rate FROM v_fatigue_deciles WHERE window_end = '2026-02-02'":                                                "[(1,0,1,NULL,NULL)]",
	})
}

// Channels with few answers are not compared.
func channelConsistency(t *testing.T, conn driver.Conn) {
	t.Helper()
	execAll(t, conn,
		`INSERT INTO rollups_csat (window, window_end, channel, responses, answers, score_1, score_5, version) VALUES
		 ('24h', '2026-02-01', 'web', 10, 10, 8, 2, 1), ('24h', '2026-02-01', 'call', 20, 20, 8, 12, 1), ('24h', '2026-02-01', 'chat', 9, 9, 9, 0, 1), ('24h', '2026-02-02', 'web', 10, 10, 8, 2, 1)`,
	)
	wants(t, conn, map[string]string{
		"SELECT answers, channels, best, worst, round(csat_range, 6), round(csat_deviation, 6) FROM v_channel_consistency ORDER BY window_end": "[(39,2,'call','web',0.4,0.2),(10,1,'web','web',NULL,NULL)]",
	})
}

// Costs are divided by who ordered for the first time, and by who is new in the lifecycle
// of the same days.
func costOfANewCustomer(t *testing.T, conn driver.Conn) {
	t.Helper()
	execAll(t, conn,
		`INSERT INTO rollups_spend (window, window_end, campaign, channel, currency, records, cost, version) VALUES
		 ('24h', '2026-02-02', 'may', 'ads', 'EUR', 1, 60000000, 1), ('24h', '2026-02-02', 'june', 'web', 'EUR', 1, 40000000, 1), ('24h', '2026-02-02 01:00:00', 'june', 'web', 'EUR', 1, 40000000, 1)`,
		`INSERT INTO rollups_conversions (window, window_end, partition, first_touch, last_touch, events, new_customers, converted, version) VALUES
		 ('24h', '2026-02-02', 0, 'ads', 'web', 9, 15, 4, 1), ('24h', '2026-02-02', 0, 'web', 'web', 9, 5, 1, 1), ('24h', '2026-02-02 01:00:00', 0, 'web', 'web', 9, 9, 1, 1)`,
		`INSERT INTO census_reach_daily (day, partition, customers, clock, version) VALUES ('2026-02-01', 0, 99, '2026-02-02 00:10:00', 1)`,
		`INSERT INTO census_lifecycle (day, partition, interval, state, customers, clock, version) VALUES
		 ('2026-02-01', 0, 'day', 'new', 40, '2026-02-02 00:10:00', 1), ('2026-02-01', 0, 'day', 'dormant', 4, '2026-02-02 00:10:00', 1), ('2026-02-01', 0, 'week', 'new', 60, '2026-02-02 00:10:00', 1)`,
	)
	wants(t, conn, map[string]string{
		"SELECT toFloat64(cost), new_customers, first_orders_of_leads, newly_engaged, cac, cost_per_engaged FROM v_cac ORDER BY window_end": "[(100,20,5,40,5,2.5),(40,9,1,0,NULL,NULL)]",
	})
}

// A customer who changes twice counts twice.
func flowBetweenLevels(t *testing.T, conn driver.Conn) {
	t.Helper()
	execAll(t, conn, `INSERT INTO signals (customer, episode, at, signal, level, previous, version) VALUES
		('a', 1, '2026-02-01 10:00:00', 'raised', 'cooling', 'healthy', 1), ('a', 2, '2026-02-01 11:00:00', 'raised', 'at_risk', 'cooling', 1),
		('b', 1, '2026-02-01 10:00:00', 'raised', 'at_risk', 'healthy', 1), ('b', 2, '2026-02-02 10:00:00', 'cleared', 'healthy', 'at_risk', 1)`)
	wants(t, conn, map[string]string{
		"SELECT toString(day), level, inflow, outflow, worse, better, net FROM v_level_flow ORDER BY day, level": "[('2026-02-01','at_risk',2,0,2,0,2),('2026-02-01','cooling',1,1,1,0,0)," +
			"('2026-02-01','healthy',0,2,0,0,-2),('2026-02-02','at_risk',0,1,0,0,-1),('2026-02-02','healthy',1,0,0,1,1)]",
	})
}

// Percentiles are those of bins, and a bin's rank is that of its middle customer.
func percentilesOfProxies(t *testing.T, conn driver.Conn) {
	t.Helper()
	execAll(t, conn,
		`INSERT INTO census_reach_daily (day, partition, customers, clock, version) VALUES ('2026-02-05', 0, 99, '2026-02-06 00:10:00', 1)`,
		`INSERT INTO census_proxies (day, partition, proxy, at_least, customers, clock, version) VALUES
		 ('2026-02-05', 0, 'cognitive', '2', 10, '2026-02-06 00:10:00', 1), ('2026-02-05', 0, 'cognitive', '16', 10, '2026-02-06 00:10:00', 1),
		 ('2026-02-05', 0, 'cognitive', '128', 20, '2026-02-06 00:10:00', 1), ('2026-02-05', 0, 'emotional', '-40', 19, '2026-02-06 00:10:00', 1)`,
	)
	wants(t, conn, map[string]string{
		"SELECT proxy, customers, p10, p50, p90, p50_error FROM v_proxy_percentiles ORDER BY proxy":                             "[('cognitive',40,2,16,128,2),('emotional',19,NULL,NULL,NULL,5)]",
		"SELECT at_least, with_any, lower, customers, percentile, percentile_error FROM v_proxy_ranks ORDER BY proxy, at_least": "[(2,40,0,10,12.5,12.5),(16,40,10,10,37.5,12.5),(128,40,20,20,75,25),(-40,19,0,19,NULL,NULL)]",
	})
}

// Types that are declared are those that the query gives.
func TestDeclaredTypesOfDerivedViews(t *testing.T) {
	conn := migrated(t)
	columns := func(view string) (found string) {
		t.Helper()
		row := conn.QueryRow(t.Context(), `SELECT arrayStringConcat(groupArray(concat(name, ' ', type)), ', ')
			FROM (SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {view:String} ORDER BY position)`, ch.Named("view", view))
		if err := row.Scan(&found); err != nil {
			t.Fatal(err)
		}

		return found
	}
	declared := 0
	for _, d := range metric.Deriveds() {
		if d.Types == nil {
			continue
		}
		declared++
		query, err := d.SQL()
		if err != nil {
			t.Fatal(err)
		}
		execAll(t, conn, "CREATE OR REPLACE VIEW found_out AS "+query)
		if got, want := columns(d.View()), columns("found_out"); got != want {
			t.Errorf("%s has columns\n%s, its query gives\n%s", d.View(), got, want)
		}
	}
	if declared == 0 {
		t.Error("no view declares its types")
	}
}
