-- What each event's customer was before it, as far as rollups of users can be by it; see
-- metric.customerFields. Levels are those of the signals up to the record before.
INSERT INTO verify_fields (partition, sequence, level, recency, frequency, monetary, lifecycle, stage)
SELECT
    e.partition, e.sequence,
    if(s.place > 0 AND s.place >= e.life, s.level, 'healthy'),
    multiIf(empty(ago), 'never', arrayMin(ago) < 7, '0-6', arrayMin(ago) < 28, '7-27', arrayMin(ago) < 84, '28-83', '84+'),
    multiIf(days = 0, '0', days = 1, '1', days < 4, '2-3', days < 10, '4-9', '10+'),
    multiIf(e.spent <= 0, '0', e.spent < 100000000, '1-99', e.spent < 1000000000, '100-999', '1000+'),
    multiIf(
        empty(ago), 'new', arrayMin(ago) >= 28, 'dormant', e.first > e.day - 28, 'new',
        arrayExists(n -> n >= 28 AND n < 56, ago), 'returning', 'resurrected'),
    if(e.staged = '', 'none', e.staged)
FROM
(
    SELECT
        partition, sequence, customer, day, life, spent, staged, first,
        arrayFilter(n -> n >= 0, arrayMap(at -> day - at, engaged)) AS ago,
        length(arrayFilter(n -> n < 84, ago)) AS days
    FROM
    (
        SELECT
            partition, sequence, customer, day, life, came,
            groupUniqArrayIf(day, engages) OVER engaging AS engaged,
            minIf(day, engages) OVER engaging AS first,
            argMaxIf(toString(stage), sequence, stage != 'none' AND came = 0) OVER staging AS own_stage,
            argMinIf(toString(stage), sequence, came = 2) OVER staging AS brought_stage,
            if(own_stage = '', brought_stage, own_stage) AS staged,
            sum(if(paid != 0 AND currency = paying, paid, 0)) OVER spending AS spent
        FROM
        (
            SELECT *, argMinIf(toString(currency), sequence, paid != 0) OVER (PARTITION BY partition, customer, spent_since) AS paying
            FROM verify_dated
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        )
        WINDOW
            engaging AS (PARTITION BY partition, customer, engaged_since ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            staging AS (PARTITION BY partition, customer, stage_since ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            spending AS (PARTITION BY partition, customer, spent_since ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    WHERE came = 0
) AS e
ASOF LEFT JOIN
(
    SELECT c.customer AS customer, v.sequence * 4096 + v.row AS place, argMax(toString(v.level), (v.at, v.episode)) AS level
    FROM valid_signals AS v
    INNER JOIN verify_customers AS c ON v.customer = c.customer_id
    WHERE v.partition BETWEEN {low:UInt16} AND {high:UInt16} AND v.era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') AND v.signal IN ('raised', 'cleared')
    GROUP BY customer, place
) AS s ON e.customer = s.customer AND e.sequence > s.place
