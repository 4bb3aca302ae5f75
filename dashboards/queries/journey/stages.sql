-- By calendar day, in the time zone of calendar.zone: a figure holds until the next one.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    awareness, consideration, preference, purchase, loyalty
FROM
(
    SELECT
        toDateTime(day) AS as_of,
        sumIf(customers, stage = 'awareness') AS awareness,
        sumIf(customers, stage = 'consideration') AS consideration,
        sumIf(customers, stage = 'preference') AS preference,
        sumIf(customers, stage = 'purchase') AS purchase,
        sumIf(customers, stage = 'loyalty') AS loyalty,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_stages
    WHERE day >= toDate($__fromTime) - 1 AND day <= toDate($__toTime)
    GROUP BY day
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
