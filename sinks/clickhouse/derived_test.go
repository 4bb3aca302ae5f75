package clickhouse_test

import (
	"fmt"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
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
