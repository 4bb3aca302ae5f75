SELECT
    p.partition AS partition, p.day AS day, notEmpty(days) AS members, members AND p.day - arrayMax(days) < 84 AS active,
    members AND arrayExists(ago -> ago < 28, p.engaged) AS engaged
FROM
(
    SELECT
        w.partition AS partition, w.day AS day, w.engaged AS engaged,
        arrayMap(told -> told.2, arrayFilter(told -> told.1 <= w.sequence, m.told)) AS days
    FROM verify_people AS w
    LEFT JOIN
    (
        SELECT partition, customer, since, groupArray((sequence, day)) AS told
        FROM verify_deeds
        WHERE deed = 'loyalty'
        GROUP BY partition, customer, since
    ) AS m ON w.partition = m.partition AND w.customer = m.customer AND w.member = m.since
) AS p
