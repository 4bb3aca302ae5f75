SELECT
    p.partition AS partition, p.day AS day,
    multiIf(p.recency < 7, '0-6', p.recency < 28, '7-27', p.recency < 84, '28-83', '84+') AS recency,
    multiIf(p.days = 0, '0', p.days = 1, '1', p.days < 4, '2-3', p.days < 10, '4-9', '10+') AS frequency,
    multiIf(p.spent <= 0, '0', p.spent < 100000000, '1-99', p.spent < 1000000000, '100-999', '1000+') AS monetary,
    toString(p.currency) AS currency, toString(p.level) AS level, 1 AS customers, p.spent AS spent
FROM
(
    SELECT *, length(arrayFilter(ago -> ago < 84, engaged)) AS days
    FROM verify_people
    WHERE first >= 0
) AS p
