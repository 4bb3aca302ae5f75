WITH weeks AS
(
    SELECT t.window_end AS window_end, t.day AS day, t.customers AS customers, e.points AS points
    FROM (SELECT window_end, day, customers FROM v_total WHERE window = '7d') AS t
    LEFT JOIN
    (
        SELECT window_end, toFloat64(sum(points)) AS points
        FROM v_engagement
        WHERE window = '7d'
        GROUP BY window_end
    ) AS e ON t.window_end = e.window_end
)
SELECT
    w.window_end AS window_end,
    w.day AS day,
    w.customers AS customers,
    w.points AS points,
    b.usual_customers AS usual_customers,
    b.usual_points AS usual_points,
    if(customers >= 10, points / customers, NULL) AS points_per_customer,
    if(b.weeks = 4 AND usual_customers >= 40 AND usual_points > 0, 100 * points_per_customer / (usual_points / usual_customers), NULL) AS engagement_index
FROM weeks AS w
LEFT JOIN
(
    SELECT window_end + toIntervalDay(later) AS window_end, sum(customers) AS usual_customers, sum(points) AS usual_points, count() AS weeks
    FROM weeks
    ARRAY JOIN [7, 14, 21, 28] AS later
    GROUP BY window_end
) AS b ON w.window_end = b.window_end
