-- By whole months, however short the range: the newest before it stands at its
-- beginning, and the newest of all at its end.
SELECT arrayJoin(if(month = newest, [greatest(month, $__fromTime), $__toTime], [greatest(month, $__fromTime)])) AS time, customers, lead_days
FROM
(
    SELECT
        month, customers, lead_days,
        max(month) OVER () AS newest,
        maxIf(month, month <= $__fromTime) OVER () AS before
    FROM
    (
        SELECT
            toDateTime(toStartOfMonth(at), 'UTC') AS month,
            if(holdout, 'hold-out', 'acted on') AS customers,
            medianExact(lead_days) AS lead_days
        FROM v_alerts
        WHERE at <= $__toTime
        GROUP BY month, customers
        HAVING countIf(right) >= 10
    )
)
WHERE month >= $__fromTime OR month = before
ORDER BY time, customers
