package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// ErrRefused says that events were refused because their partition was full of customers
// whom something watches. Which they are is not derived, so nothing can be proved.
var ErrRefused = errors.New("verify: events were refused at max_customers; what became of the others can't be proved")

// limits are the partitions that came to a bound behind which SQL does not follow them.
type limits struct {
	// crowded had more customers than they may: some made room for others, so that what
	// is known of customers began anew. Those to which others moved from there are, too.
	crowded []uint16

	// full had more rows of metrics than they may: those that came last are `other`, by
	// an order over all metrics.
	full []uint16
}

// crowdedOf reads which partitions had more customers than the least bound of the
// configurations.
func crowdedOf(ctx context.Context, conn driver.Conn, s *Settings) ([]uint16, error) {
	most := 0
	for _, c := range s.all() {
		if n := c.Settings.MaxCustomers; n > 0 && (most == 0 || n < most) {
			most = n
		}
	}
	if most == 0 {
		return nil, nil
	}
	var refused uint64
	row := conn.QueryRow(ctx, "SELECT count() FROM deadletters FINAL WHERE reason = 'customer_limit' AND toUnixTimestamp64Milli(era) = ?", s.Era)
	if err := row.Scan(&refused); err != nil {
		return nil, fmt.Errorf("verify: table deadletters: %w", err)
	}
	if refused > 0 {
		return nil, fmt.Errorf("%w: %d were, with max_customers %d; raise it", ErrRefused, refused, most)
	}

	return partitionsOf(ctx, conn, `
WITH crowded AS
(
    SELECT p.partition AS partition
    FROM verify_parsed AS p
    INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
    WHERE v.verdict IN ('', 'late') AND p.kind != 'machine'
    GROUP BY p.partition
    HAVING uniqExact(v.customer) > `+strconv.Itoa(most)+`
)
SELECT DISTINCT partition
FROM
(
    SELECT partition FROM crowded
    UNION ALL
    SELECT partition FROM verify_moved WHERE origin IN (SELECT partition FROM crowded)
)
ORDER BY partition`)
}

// lostIn reads in which of the crowded partitions events follow customers who may have made
// room: then windows count nobody for them.
func lostIn(ctx context.Context, conn driver.Conn, crowded []uint16) ([]uint16, error) {
	if len(crowded) == 0 {
		return nil, nil
	}
	follow, err := partitionsOf(ctx, conn, "SELECT DISTINCT partition FROM verify_moved WHERE anonymous != ''")

	return slices.DeleteFunc(follow, func(p uint16) bool { return !slices.Contains(crowded, p) }), err
}

// fullOf reads which partitions may have had more rows of metrics than they have keys for.
func fullOf(ctx context.Context, conn driver.Conn, all []*metric.Metric, s *Settings) ([]uint16, error) {
	if s.MaxKeys == 0 {
		return nil, nil
	}
	var names, most, widths []string
	for _, m := range all {
		names = append(names, "'"+m.Name+"'")
		most, widths = append(most, strconv.Itoa(m.AtMost)), append(widths, strconv.Itoa(m.Width()))
	}

	return partitionsOf(ctx, conn, fmt.Sprintf(`
SELECT partition
FROM
(
    SELECT partition, (least(uniqExact(dimensions), transform(metric, [%[1]s], [%[2]s], 0)) + 1) * transform(metric, [%[1]s], [%[3]s], 0) AS keys
    FROM verify_measured
    GROUP BY partition, metric
    UNION ALL
    SELECT partition, uniqExact(type, currency) + 300 AS keys
    FROM verify_accepted
    GROUP BY partition
)
GROUP BY partition
HAVING sum(keys) > %[4]d
ORDER BY partition`, strings.Join(names, ", "), strings.Join(most, ", "), strings.Join(widths, ", "), s.MaxKeys))
}

func partitionsOf(ctx context.Context, conn driver.Conn, query string) (found []uint16, _ error) {
	rows, err := conn.Query(settings(ctx, nil), query)
	if err != nil {
		return nil, fmt.Errorf("verify: bounds of partitions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var partition uint16
		if err := rows.Scan(&partition); err != nil {
			return nil, fmt.Errorf("verify: bounds of partitions: %w", err)
		}
		found = append(found, partition)
	}

	return found, rows.Err()
}

// chunksOf are the chunks in which a metric is proved.
func (l *limits) chunksOf(m *metric.Metric, chunks []chunk) []chunk {
	if m.Ordered || m.Family == metric.Counted {
		chunks = without(chunks, l.crowded)
	}
	if m.Family == metric.Windowed {
		chunks = without(chunks, l.full)
	}

	return chunks
}

// without cuts partitions out of chunks.
func without(chunks []chunk, partitions []uint16) []chunk {
	if len(partitions) == 0 {
		return chunks
	}
	var out []chunk
	for _, c := range chunks {
		for _, p := range partitions {
			if at := int(p); c.low <= at && at <= c.high {
				if c.low < at {
					out = append(out, chunk{c.low, at - 1})
				}
				c.low = at + 1
			}
		}
		if c.low <= c.high {
			out = append(out, c)
		}
	}

	return slices.Clip(out)
}
