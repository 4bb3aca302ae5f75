-- A figure holds until the next one, which may be later than the range: the newest
-- before the range stands at its beginning, and the newest of all at its end.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    promoters, neutral, detractors
FROM
(
    SELECT
        toDateTime(window_end) AS as_of,
        sum(score_9 + score_10) AS promoters,
        sum(score_7 + score_8) AS neutral,
        sum(score_0 + score_1 + score_2 + score_3 + score_4 + score_5 + score_6) AS detractors,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_nps
    WHERE window = '28d'
      AND window_end > $__fromTime - INTERVAL 2 DAY AND window_end <= $__toTime
      AND day >= toDate32($__fromTime - INTERVAL 2 DAY, 'UTC') AND day <= toDate32($__toTime, 'UTC')
      AND channel IN (${channel:singlequote})
    GROUP BY window_end
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
