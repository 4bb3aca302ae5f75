-- By calendar day, in the time zone of calendar.zone: a figure holds until the next one.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    cross_channel_share
FROM
(
    SELECT
        toDateTime(day) AS as_of,
        cross_channel_share,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM v_breadth
    WHERE day >= toDate($__fromTime) - 1 AND day <= toDate($__toTime)
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
