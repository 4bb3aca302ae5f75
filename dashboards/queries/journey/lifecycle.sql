-- By calendar day, in the time zone of calendar.zone: a figure holds until the next one.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    new, returning, resurrected, resting, dormant
FROM
(
    SELECT
        toDateTime(day) AS as_of,
        sumIf(customers, state = 'new') AS new,
        sumIf(customers, state = 'returning') AS returning,
        sumIf(customers, state = 'resurrected') AS resurrected,
        sumIf(customers, state = 'resting') AS resting,
        sumIf(customers, state = 'dormant') AS dormant,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_lifecycle
    WHERE interval = 'week' AND day >= toDate($__fromTime) - 1 AND day <= toDate($__toTime)
    GROUP BY day
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
