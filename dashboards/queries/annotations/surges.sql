-- Days on which twice as many as usual became at risk: as on the 28 days before, and 20
-- at least.
SELECT toDateTime(day) AS time, concat(toString(n), ' became at risk, ', toString(round(n / usual, 1)), ' times the usual') AS text, 'surge' AS tags
FROM
(
    SELECT day, n, avg(n) OVER (ORDER BY day ROWS BETWEEN 28 PRECEDING AND 1 PRECEDING) AS usual, count() OVER (ORDER BY day ROWS BETWEEN 28 PRECEDING AND 1 PRECEDING) AS days
    FROM
    (
        SELECT toDate(at, 'UTC') AS day, count() AS n
        FROM v_level_changes
        WHERE signal = 'raised' AND level = 'at_risk' AND at >= $__fromTime - INTERVAL 29 DAY AND at <= $__toTime
        GROUP BY day
    )
)
WHERE days >= 7 AND n >= 20 AND n > 2 * usual AND day >= toDate($__fromTime)
ORDER BY time
