-- By calendar day, in the time zone of calendar.zone: a figure holds until the next one.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    mau
FROM
(
    SELECT
        toDateTime(day) AS as_of,
        mau,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_reach_daily
    WHERE day >= toDate($__fromTime) - 1 AND day <= toDate($__toTime)
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
