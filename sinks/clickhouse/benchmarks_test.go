package clickhouse_test

import (
	"testing"

	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// Figures of the last 28 days are held against what is set, and what was 28 days
// before: those of windows by channel and as a whole, those of campaigns by send day.
// What is set anew takes the place of what was.
func TestBenchmarks(t *testing.T) {
	conn := migrated(t)
	execAll(t, conn,
		`INSERT INTO pipeline (time, partition, clock, watermark) VALUES ('2026-03-05 00:00:00', 0, '2026-03-05 00:00:00', '2026-03-05 00:00:00')`,
		`INSERT INTO rollups_total (window, window_end, partition, events, customers, version)
		 SELECT '28d', toDateTime64('2026-02-01', 3, 'UTC') + toIntervalDay(28 * number), p, 700, 50 - 10 * number, 1 FROM numbers(2) ARRAY JOIN [0, 1] AS p`,
		`INSERT INTO rollups_kind (window, window_end, partition, kind, events, version)
		 SELECT '28d', toDateTime64('2026-03-01', 3, 'UTC'), 0, k, n, 1 FROM (SELECT 1) ARRAY JOIN ['active', 'micro', 'exposure'] AS k, [30, 90, 500] AS n`,
		`INSERT INTO rollups_sentiment (window, window_end, partition, channel, answers, sentiment, negative, version)
		 SELECT '28d', toDateTime64('2026-02-01', 3, 'UTC') + toIntervalDay(28 * number), 0, c, 20, if(number = 0, 5, 10) * 1000000, if(c = 'web', 8, 2), 1
		 FROM numbers(2) ARRAY JOIN ['web', 'social'] AS c`,
		`INSERT INTO census_reach_daily (day, partition, customers, clock, version) SELECT toDate32('2026-01-31') + 28 * number, 0, 99, '2026-03-01 00:10:00', 1 FROM numbers(2)`,
		`INSERT INTO census_members (day, partition, members, active, engaged, clock, version)
		 SELECT toDate32('2026-01-31') + 28 * number, 0, 40, 10 * (1 + number), 4, '2026-03-01 00:10:00', 1 FROM numbers(2)`,
		`INSERT INTO census_worth (day, partition, level, recency, currency, customers, expected_churners, value, lifetime, lifetime_margin, clock, version)
		 VALUES ('2026-02-28', 0, 'healthy', '0-6', 'EUR', 8, 1000000, 0, 50000000, 15000000, '2026-03-01 00:10:00', 1),
		     ('2026-02-28', 0, 'cooling', '7-27', 'EUR', 12, 9000000, 0, 10000000, 3000000, '2026-03-01 00:10:00', 1)`,
	)
	set := func(kind clickhouse.BenchmarkKind, all ...metric.Benchmark) {
		t.Helper()
		if err := clickhouse.SetBenchmarks(t.Context(), conn, kind, all); err != nil {
			t.Fatal(err)
		}
	}
	set(clickhouse.Targets,
		metric.Benchmark{Metric: "total", Figure: "customers", Value: 100},
		metric.Benchmark{Metric: "sentiment", Figure: "negative_share", Value: 0.3, AtMost: true},
		metric.Benchmark{Metric: "sentiment", Figure: "negative_share", Segment: "channel=web", Value: 0.3, AtMost: true})
	set(clickhouse.Industries, metric.Benchmark{Metric: "sentiment", Figure: "mean_sentiment", Value: 0.25, Source: "a study"})
	const figures = `SELECT metric, segment, figure, value, before, target, met, industry, against_industry, source
		FROM v_benchmark WHERE metric IN ('total', 'kind', 'sentiment') AND figure != 'events' ORDER BY metric, figure, segment`
	wants(t, conn, map[string]string{
		figures: "[('kind','','active_share',0.25,NULL,NULL,NULL,NULL,NULL,'')," +
			"('sentiment','','mean_sentiment',0.5,0.25,NULL,NULL,0.25,2,'a study')," +
			"('sentiment','channel=social','mean_sentiment',0.5,0.25,NULL,NULL,NULL,NULL,'')," +
			"('sentiment','channel=web','mean_sentiment',0.5,0.25,NULL,NULL,NULL,NULL,'')," +
			"('sentiment','','negative_share',0.25,0.25,0.3,1,NULL,NULL,'')," +
			"('sentiment','channel=social','negative_share',0.1,0.1,NULL,NULL,NULL,NULL,'')," +
			"('sentiment','channel=web','negative_share',0.4,0.4,0.3,0,NULL,NULL,'')," +
			"('total','','customers',80,100,100,0,NULL,NULL,'')]",
		"SELECT segment, figure, value, before FROM v_benchmark WHERE metric IN ('members', 'worth') AND value IS NOT NULL AND as_of = '2026-03-01' ORDER BY metric, figure": "[('','active_rate',0.5,0.25)," +
			"('','engaged_rate',0.1,0.1),('currency=EUR','clv',0.9,NULL),('currency=EUR','lifetime_value',3,NULL),('currency=EUR','mean_risk',0.5,NULL)]",
	})

	// What retention removes is nothing to hold against, even where some of it is there.
	execAll(t, conn, "INSERT INTO ebb_retention (window, seconds) SELECT arrayJoin(['24h', '28d']), dateDiff('second', toDateTime('2026-02-15'), now())")
	set(clickhouse.Targets, metric.Benchmark{Metric: "total", Figure: "customers", Value: 80})
	set(clickhouse.Industries)
	wants(t, conn, map[string]string{
		"SELECT metric, figure, value, before, target, met, industry FROM v_benchmark WHERE target IS NOT NULL OR industry IS NOT NULL OR figure = 'active_rate' ORDER BY metric": "[('members','active_rate',0.5,NULL,NULL,NULL,NULL)," +
			"('total','customers',80,NULL,80,1,NULL)]",
	})
}
