-- A figure holds until the next one, which may be later than the range: the newest
-- before the range stands at its beginning, and the newest of all at its end.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    opt_outs_per_thousand
FROM
(
    SELECT
        toDateTime(window_end) AS as_of,
        if(sum(sent) < 10, NULL, 1000 * sum(unsubscribed + opted_out) / sum(sent)) AS opt_outs_per_thousand,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_messages
    WHERE window = '7d'
      AND window_end > $__fromTime - INTERVAL 1 DAY AND window_end <= $__toTime
      AND day >= toDate32($__fromTime - INTERVAL 1 DAY, 'UTC') AND day <= toDate32($__toTime, 'UTC')
      AND campaign IN ('', ${campaign:singlequote}) AND channel IN (${channel:singlequote})
    GROUP BY window_end
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
