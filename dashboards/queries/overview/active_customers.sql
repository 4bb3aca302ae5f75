-- The newest window that ends in each interval. A figure holds until the next window
-- ends, which of long windows may be later than the range: so the newest one before the
-- range stands at its beginning, and the newest of all at its end. From the first window
-- up to the clock, one without a row has nothing to count.
WITH transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) AS slide
SELECT
    $__timeInterval(moment) AS time,
    argMax(customers, k) AS customers
FROM
(
    SELECT
        k, customers,
        arrayJoin(if(k = newest, [greatest(toDateTime(k * slide), $__fromTime), $__toTime], [greatest(toDateTime(k * slide), $__fromTime)])) AS moment
    FROM
    (
        SELECT k, sum(customers) AS customers, max(k) OVER () AS newest
        FROM
        (
            SELECT intDiv(toUnixTimestamp(window_end), slide) AS k, customers
            FROM v_total
            WHERE window = ${window:sqlstring}
              AND window_end > $__fromTime - (2 * slide + 300) AND window_end <= $__toTime
              AND day >= toDate32($__fromTime - (2 * slide + 300), 'UTC') AND day <= toDate32($__toTime, 'UTC')
            UNION ALL
            SELECT intDiv(toUnixTimestamp(least($__toTime, (SELECT toDateTime(clock) FROM v_clock))), slide) AS k, 0
            WHERE k * slide > toUnixTimestamp($__fromTime) - (2 * slide + 300)
        )
        GROUP BY k
        ORDER BY k WITH FILL
    )
    WHERE k >= least(newest, intDiv(toUnixTimestamp($__fromTime), slide))
)
GROUP BY time
ORDER BY time
