-- A figure holds until the next one, which may be later than the range: the newest
-- before the range stands at its beginning, and the newest of all at its end.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    recontact_rate, channel_switch_rate
FROM
(
    SELECT
        toDateTime(window_end) AS as_of,
        if(sum(cases) < 10, NULL, sum(again) / sum(cases)) AS recontact_rate,
        if(sum(cases) < 10, NULL, sum(other_channel) / sum(cases)) AS channel_switch_rate,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_recontact
    WHERE window = '28d'
      AND window_end > $__fromTime - INTERVAL 2 DAY AND window_end <= $__toTime
      AND day >= toDate32($__fromTime - INTERVAL 2 DAY, 'UTC') AND day <= toDate32($__toTime, 'UTC')
      AND channel IN (${channel:singlequote})
    GROUP BY window_end
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
