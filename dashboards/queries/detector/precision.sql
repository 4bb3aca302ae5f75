-- By whole months, however short the range: the newest before it stands at its
-- beginning, and the newest of all at its end.
SELECT arrayJoin(if(month = newest, [greatest(month, $__fromTime), $__toTime], [greatest(month, $__fromTime)])) AS time, customers, precision
FROM
(
    SELECT
        month, customers, precision,
        max(month) OVER () AS newest,
        maxIf(month, month <= $__fromTime) OVER () AS before
    FROM
    (
        SELECT
            toDateTime(toStartOfMonth(at), 'UTC') AS month,
            if(holdout, 'hold-out', 'acted on') AS customers,
            countIf(right) / count() AS precision
        FROM v_alerts
        WHERE at <= $__toTime
        GROUP BY month, customers
        HAVING count() >= 100
    )
)
WHERE month >= $__fromTime OR month = before
ORDER BY time, customers
