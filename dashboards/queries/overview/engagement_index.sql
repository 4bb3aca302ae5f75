-- As v_engagement_index has it, of the days that it takes alone: weighted engagement per
-- active customer in 7 days, against that of the four weeks before, which is 100. A figure
-- holds until the next one, which may be later than the range: the newest before the range
-- stands at its beginning, and the newest of all at its end.
SELECT
    arrayJoin(if(as_of = newest, [greatest(as_of, $__fromTime), $__toTime], [greatest(as_of, $__fromTime)])) AS time,
    engagement_index
FROM
(
    SELECT
        as_of, engagement_index,
        max(as_of) OVER () AS newest,
        maxIf(as_of, as_of <= $__fromTime) OVER () AS before
    FROM
    (
        SELECT
            toDateTime(window_end) + toIntervalDay(later) AS as_of,
            sumIf(customers, later = 0) AS active, sumIf(points, later = 0) AS reached,
            sumIf(customers, later > 0) AS usual_customers, sumIf(points, later > 0) AS usual_points,
            if(active >= 10 AND countIf(later > 0) = 4 AND usual_customers >= 40 AND usual_points > 0,
                100 * (reached / active) / (usual_points / usual_customers), NULL) AS engagement_index
        FROM
        (
            SELECT window_end, sum(customers) AS customers, sum(points) AS points
            FROM
            (
                SELECT window_end, customers, 0. AS points
                FROM v_total
                WHERE window = '7d' AND day >= toDate32($__fromTime - INTERVAL 30 DAY, 'UTC') AND day <= toDate32($__toTime, 'UTC')
                UNION ALL
                SELECT window_end, 0, toFloat64(points)
                FROM v_engagement
                WHERE window = '7d' AND day >= toDate32($__fromTime - INTERVAL 30 DAY, 'UTC') AND day <= toDate32($__toTime, 'UTC')
            )
            GROUP BY window_end
        )
        ARRAY JOIN [0, 7, 14, 21, 28] AS later
        GROUP BY as_of
        HAVING active > 0 AND as_of <= $__toTime AND as_of > $__fromTime - INTERVAL 1 DAY
    )
)
WHERE as_of >= $__fromTime OR as_of = before
ORDER BY time
