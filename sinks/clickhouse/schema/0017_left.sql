-- Customers leave after a long silence: they are in no level any more.
ALTER TABLE levels
    ADD COLUMN IF NOT EXISTS left UInt64 COMMENT 'customers who have left so far, in none of the levels any more' AFTER lapsed;

CREATE OR REPLACE VIEW valid_levels AS
SELECT *
FROM levels FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

-- Customers by risk level over time. A partition has rows only for minutes in
-- which something changed, so this adds up the changes. Where a newer era takes
-- over, those of the era before it end. left is who has left so far.
CREATE OR REPLACE VIEW v_levels AS
SELECT
    time,
    sum(healthy_change) OVER so_far AS healthy,
    sum(cooling_change) OVER so_far AS cooling,
    sum(at_risk_change) OVER so_far AS at_risk,
    sum(lapsed_change) OVER so_far AS lapsed,
    sum(left_change) OVER so_far AS left
FROM
(
    SELECT
        time,
        sum(healthy_step) AS healthy_change,
        sum(cooling_step) AS cooling_change,
        sum(at_risk_step) AS at_risk_change,
        sum(lapsed_step) AS lapsed_change,
        sum(left_step) AS left_change
    FROM
    (
        SELECT
            time,
            toInt64(healthy) - toInt64(lagInFrame(healthy, 1, 0) OVER before) AS healthy_step,
            toInt64(cooling) - toInt64(lagInFrame(cooling, 1, 0) OVER before) AS cooling_step,
            toInt64(at_risk) - toInt64(lagInFrame(at_risk, 1, 0) OVER before) AS at_risk_step,
            toInt64(lapsed) - toInt64(lagInFrame(lapsed, 1, 0) OVER before) AS lapsed_step,
            toInt64(`left`) - toInt64(lagInFrame(`left`, 1, 0) OVER before) AS left_step
        FROM
        (
            SELECT era, partition, time, healthy, cooling, at_risk, lapsed, `left`
            FROM valid_levels
            UNION ALL
            SELECT
                era, partition,
                arrayMin(arrayMap(e -> e.2, arrayFilter(e -> e.1 > era, (SELECT groupArray((era, since)) FROM v_eras WHERE window = '')))) AS time,
                0 AS healthy, 0 AS cooling, 0 AS at_risk, 0 AS lapsed, 0 AS left
            FROM valid_levels
            WHERE era < (SELECT max(era) FROM eras)
            GROUP BY era, partition
        )
        WHERE time <= (SELECT clock FROM v_clock)
        WINDOW before AS (PARTITION BY era, partition ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
    GROUP BY time
)
WINDOW so_far AS (ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
