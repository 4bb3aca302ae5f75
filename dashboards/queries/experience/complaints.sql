-- By 24 hours that end at midnight of UTC: cases opened, returns, and reports of spam;
-- days without one are zeros.
SELECT
    toDateTime(as_of) AS time,
    sum(cases) AS cases, sum(returns) AS returns, sum(spam) AS spam
FROM
(
    SELECT
        toDateTime(window_end) - INTERVAL 1 DAY AS as_of,
        if(type = 'case.opened', events, 0) AS cases, if(type = 'order.returned', events, 0) AS returns, if(type = 'spam_reported', events, 0) AS spam
    FROM v_type
    WHERE window = '24h' AND window_end = toStartOfDay(window_end)
      AND type IN ('case.opened', 'order.returned', 'spam_reported')
      AND window_end > $__fromTime AND window_end <= $__toTime
      AND day >= toDate32($__fromTime, 'UTC') AND day <= toDate32($__toTime, 'UTC')
    UNION ALL
    SELECT toStartOfDay($__fromTime, 'UTC') + toIntervalDay(arrayJoin(range(toUInt32(dateDiff('day', $__fromTime, $__toTime, 'UTC'))))) AS as_of, 0, 0, 0
)
GROUP BY time
ORDER BY time
