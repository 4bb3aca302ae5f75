-- By weeks of at least 100 customer-months, however short the range: the newest before
-- it stands at its beginning, and the newest of all at its end.
SELECT
    arrayJoin(if(moment = newest, [greatest(moment, $__fromTime), $__toTime], [greatest(moment, $__fromTime)])) AS time,
    level_changes_per_customer_month
FROM
(
    SELECT
        toDateTime(toMonday(day), 'UTC') AS moment, sum(level_changes) / (sum(customer_days) / 30) AS level_changes_per_customer_month,
        max(moment) OVER () AS newest,
        maxIf(moment, moment <= $__fromTime) OVER () AS before
    FROM v_unrest
    WHERE day <= toDate($__toTime)
    GROUP BY moment
    HAVING sum(customer_days) >= 3000
)
WHERE moment >= $__fromTime OR moment = before
ORDER BY time
