-- The last window that ends in each interval; the newest one before the range
-- stands at its beginning, and the newest one of all at its end. Exposure is what
-- the company sent, not an interaction, and neither is what scanners and bots do.
SELECT $__timeInterval(moment) AS time, kind, argMax(events, window_end) AS events
FROM
(
    SELECT
        window_end, kind, events,
        arrayJoin(if(window_end = newest, [greatest(window_end, $__fromTime), $__toTime], [greatest(window_end, $__fromTime)])) AS moment
    FROM
    (
        SELECT
            toDateTime(window_end) AS window_end, kind, events,
            max(window_end) OVER () AS newest,
            maxIf(window_end, window_end <= $__fromTime) OVER () AS before
        FROM v_kind
        WHERE window = ${window:sqlstring}
          AND kind NOT IN ('exposure', 'machine')
          AND window_end > $__fromTime - (2 * transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) + 300)
          AND window_end <= $__toTime
          AND day >= toDate32($__fromTime - (2 * transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) + 300), 'UTC')
          AND day <= toDate32($__toTime, 'UTC')
    )
    WHERE window_end >= $__fromTime OR window_end = before
)
GROUP BY time, kind
ORDER BY time, kind
