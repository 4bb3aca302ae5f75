-- The last window that ends in each interval. A figure holds until the next
-- window ends, which of long windows may be later than the range: so the newest
-- one before the range stands at its beginning, and the newest one of all at its
-- end.
SELECT $__timeInterval(moment) AS time, argMax(customers, window_end) AS customers
FROM
(
    SELECT
        window_end, customers,
        arrayJoin(if(window_end = newest, [greatest(window_end, $__fromTime), $__toTime], [greatest(window_end, $__fromTime)])) AS moment
    FROM
    (
        SELECT
            toDateTime(window_end) AS window_end, customers,
            max(window_end) OVER () AS newest,
            maxIf(window_end, window_end <= $__fromTime) OVER () AS before
        FROM v_total
        WHERE window = ${window:sqlstring}
          AND window_end > $__fromTime - (2 * transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) + 300)
          AND window_end <= $__toTime
          AND day >= toDate32($__fromTime - (2 * transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) + 300), 'UTC')
          AND day <= toDate32($__toTime, 'UTC')
    )
    WHERE window_end >= $__fromTime OR window_end = before
)
GROUP BY time
ORDER BY time
