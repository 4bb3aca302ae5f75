package clickhouse_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// Every figure of a metric is NULL where its cases are too few, none included, and a
// number where they are enough.
func TestFiguresOfFewCases(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn, "INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-01 00:00:00', 0, '2026-03-01 00:00:00', '2026-03-01 00:00:00')")
	for _, m := range metric.All() {
		if len(m.Figures) == 0 {
			continue
		}
		for hour, value := range []int{0, 1, 1000} {
			values := make([]string, len(m.Measures))
			for i, measure := range m.Measures {
				values[i] = fmt.Sprint(value)
				if measure.Sum {
					values[i] += " * 1000000"
				}
			}
			execAll(t, conn, fmt.Sprintf("INSERT INTO %s (window, window_end, version, %s) SELECT '1h', '2026-02-01 0%d:00:00', 1, %s",
				m.Table(), strings.Join(m.Columns(), ", "), hour, strings.Join(values, ", ")))
		}
		var figures, nulls, numbers []string
		for _, f := range m.Figures {
			figures = append(figures, fmt.Sprintf("isNull(%[1]s) AS %[1]s", f.Name))
			nulls = append(nulls, fmt.Sprint(map[bool]int{true: 1}[f.Cases != ""]))
			numbers = append(numbers, "0")
		}
		row := func(values []string) string { return "(" + strings.Join(values, ",") + ")" }
		wants(t, conn, map[string]string{
			fmt.Sprintf("SELECT %s FROM v_%s ORDER BY window_end", strings.Join(figures, ", "), m.Name): "[" + row(nulls) + "," + row(nulls) + "," + row(numbers) + "]",
		})
	}
	checkCuts(t, conn)
}

// checkCuts checks that the cuts of metrics have the measures and figures of the metrics
// themselves, also where the cases are too few. All of them are asked at once: what
// takes time is to plan a query.
func checkCuts(t *testing.T, conn driver.Conn) {
	t.Helper()
	var asked, want []string
	for _, m := range metric.All() {
		var pairs, inserted, slots []string
		add := func(name string) { pairs = append(pairs, fmt.Sprintf("('%[1]s', toNullable(toFloat64(%[1]s)))", name)) }
		for i, measure := range m.Measures {
			add(measure.Name)
			n, kind := fmt.Sprintf("if(number = 0, 1, %d)", 1000+3*i), "count"
			if measure.Sum {
				n, kind = n+" * 1000000", "sum"
			}
			inserted = append(inserted, n+" AS "+measure.Name)
			slots = append(slots, fmt.Sprintf("%s_%d", kind, measure.Slot+1))
		}
		for _, f := range m.Figures {
			add(f.Name)
		}
		of := "toDateTime64('2026-02-02 00:00:00', 3, 'UTC') + toIntervalHour(number), 1, " + strings.Join(inserted, ", ") + " FROM numbers(2)"
		execAll(t, conn,
			fmt.Sprintf("INSERT INTO %s (window, window_end, version, %s) SELECT '1h', %s", m.Table(), strings.Join(m.Columns(), ", "), of),
			fmt.Sprintf("INSERT INTO rollups_cuts (rollup, metric, window, window_end, version, %s) SELECT 'r', '%s', '1h', %s", strings.Join(slots, ", "), m.Name, of))
		asked = append(asked, fmt.Sprintf("SELECT '%[1]s' AS metric, window_end, f.1 AS figure, f.2 AS value FROM v_%[1]s ARRAY JOIN [%[2]s] AS f WHERE day = '2026-02-02'", m.Name, strings.Join(pairs, ", ")))
		want = append(want, fmt.Sprintf("('%s',%d,[])", m.Name, 2*len(pairs)))
	}
	slices.Sort(want)
	wants(t, conn, map[string]string{
		`SELECT metric, count(), groupArrayIf(figure, toString(c.value) != toString(o.value) AND ifNull(abs(c.value - o.value) > 0.00001 + 0.00001 * abs(c.value), true))
		FROM v_cut_figures AS c FULL JOIN (` + strings.Join(asked, " UNION ALL ") + `) AS o USING (metric, window_end, figure)
		GROUP BY metric ORDER BY metric`: "[" + strings.Join(want, ",") + "]",
	})
}

// The figures of surveys, against arithmetic by hand.
func TestFiguresOfSurveys(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn,
		"INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-01 00:00:00', 0, '2026-03-01 00:00:00', '2026-03-01 00:00:00')",
		// 50 promoters, 20 neutral and 30 detractors, in two partitions.
		`INSERT INTO rollups_nps (window, window_end, partition, channel, responses, answers, score, off_scale, score_0, score_6, score_7, score_9, score_10, version)
		 VALUES ('1h', '2026-02-01 00:00:00', 0, 'web', 62, 60, 0, 2, 10, 10, 10, 20, 10, 1), ('1h', '2026-02-01 00:00:00', 1, 'web', 40, 40, 0, 0, 0, 10, 10, 20, 0, 1)`,
		`INSERT INTO rollups_csat (window, window_end, channel, responses, answers, score_1, score_4, score_5, version) VALUES ('1h', '2026-02-01 00:00:00', 'web', 20, 20, 10, 6, 4, 1)`,
		`INSERT INTO rollups_ces (window, window_end, channel, responses, answers, score_1, score_7, version) VALUES ('1h', '2026-02-01 00:00:00', 'web', 16, 16, 8, 8, 1)`,
		`INSERT INTO rollups_orders (window, window_end, currency, channel, payments, orders, revenue, returns, returned, version) VALUES ('1h', '2026-02-01 00:00:00', 'EUR', 'web', 12, 10, 1000000001, 2, 500000000, 1)`,
	)
	scalar := func(query string) (value float64) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT toFloat64("+query).Scan(&value); err != nil {
			t.Fatalf("%s: %v", query, err)
		}

		return value
	}
	for query, want := range map[string]float64{
		"nps) FROM v_nps":                20,
		"nps_error) FROM v_nps":          100 * math.Sqrt((0.8-0.04)/100),
		"promoters) FROM v_nps":          0.5,
		"neutral) FROM v_nps":            0.2,
		"detractors) FROM v_nps":         0.3,
		"csat) FROM v_csat":              0.5,
		"csat_low) FROM v_csat":          0.2993, // Wilson's interval of 10 of 20
		"csat_high) FROM v_csat":         0.7007,
		"mean_score) FROM v_csat":        2.7,
		"ces) FROM v_ces":                4,
		"ces_error) FROM v_ces":          0.75,
		"easy) FROM v_ces":               0.5,
		"order_value) FROM v_orders":     100.0000001,
		"net_order_value) FROM v_orders": 50.0000001,
		"net * 1000000) FROM v_orders":   500000001,
		"return_rate) FROM v_orders":     0.2,
	} {
		if got := scalar(query); math.Abs(got-want) > 1e-4 {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
}

// What is told and what is spent, per customer and per action, over partitions and
// channels; a campaign without leads has its costs, and no figure.
func TestWordOfMouthAndCosts(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn,
		"INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-01 00:00:00', 0, '2026-03-01 00:00:00', '2026-03-01 00:00:00')",
		"INSERT INTO rollups_total (window, window_end, partition, events, customers, version) VALUES ('1h', '2026-02-01 00:00:00', 0, 9, 300, 1), ('1h', '2026-02-01 00:00:00', 1, 9, 200, 1), ('1h', '2026-02-01 01:00:00', 1, 9, 9, 1)",
		"INSERT INTO rollups_social (window, window_end, partition, channel, events, shares, mentions, referrals, version) VALUES ('1h', '2026-02-01 00:00:00', 0, 'social', 9, 3, 1, 2, 1), ('1h', '2026-02-01 00:00:00', 1, 'web', 9, 4, 0, 0, 1), ('1h', '2026-02-01 01:00:00', 1, 'web', 1, 1, 0, 0, 1)",
		"INSERT INTO rollups_spend (window, window_end, partition, campaign, channel, currency, records, cost, version) VALUES ('1h', '2026-02-01 00:00:00', 0, 'may', 'ads', 'EUR', 1, 60000000, 1), ('1h', '2026-02-01 00:00:00', 1, 'may', 'web', 'EUR', 1, 40000000, 1), ('1h', '2026-02-01 00:00:00', 1, 'june', 'web', 'USD', 1, 7000000, 1)",
		"INSERT INTO rollups_leads (window, window_end, partition, channel, campaign, events, leads, accounts, purchases, version) VALUES ('1h', '2026-02-01 00:00:00', 0, 'ads', 'may', 9, 15, 9, 0, 1), ('1h', '2026-02-01 00:00:00', 0, 'web', 'may', 9, 5, 0, 40, 1)",
	)
	wants(t, conn, map[string]string{
		"SELECT customers, told, word_of_mouth FROM v_word_of_mouth ORDER BY window_end":                                                                                  "[(500,10,20),(9,1,NULL)]",
		"SELECT campaign, currency, toFloat64(cost), leads, accounts, purchases, cost_per_lead, cost_per_account, cost_per_purchase FROM v_acquisition ORDER BY campaign": "[('june','USD',7,0,0,0,NULL,NULL,NULL),('may','EUR',100,20,9,40,5,NULL,2.5)]",
	})
}

func TestKindMix(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn,
		"INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-01 00:00:00', 0, '2026-03-01 00:00:00', '2026-03-01 00:00:00')",
		"INSERT INTO rollups_interactions (window, window_end, partition, channel, kind, type, events, version) VALUES "+
			"('1h', '2026-02-01 00:00:00', 0, 'web', 'passive', 'page.viewed', 12, 1), ('1h', '2026-02-01 00:00:00', 1, 'web', 'passive', 'page.viewed', 3, 1), "+
			"('1h', '2026-02-01 00:00:00', 0, 'web', 'active', 'cart.added', 4, 1), ('1h', '2026-02-01 00:00:00', 0, 'web', 'active', 'order.completed', 0, 1), "+
			"('1h', '2026-02-01 00:00:00', 0, 'web', 'micro', 'page.pinged', 1, 1), ('1h', '2026-02-01 00:00:00', 0, 'web', 'unknown', 'unknown', 9, 1), "+
			"('1h', '2026-02-01 00:00:00', 0, 'none', 'unknown', 'unknown', 9, 1), ('1h', '2026-02-01 00:00:00', 0, 'app', 'active', 'feature.used', 9, 1), "+
			"('24h', '2026-02-01 00:00:00', 0, 'web', 'active', 'cart.added', 5, 1)",
	)
	wants(t, conn, map[string]string{
		"SELECT channel, events, passive, micro, active, active_share, micro_share FROM v_kind_mix WHERE window = '1h' ORDER BY channel": "[('app',9,0,0,9,NULL,NULL),('web',20,15,1,4,0.2,0.05)]",
	})
}
