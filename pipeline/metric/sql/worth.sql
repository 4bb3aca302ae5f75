SELECT
    partition, day, toString(level) AS level,
    multiIf(recency < 7, '0-6', recency < 28, '7-27', recency < 84, '28-83', '84+') AS recency,
    '' AS currency, 1 AS customers,
    -- At most: a risk of one, and what a customer may be worth; see Census.Modelled.
    1000000 AS expected_churners, toInt128('1000000000000000000') AS value, toInt128('1000000000000000000') AS value_at_risk, toInt128('1000000000000000000') AS lifetime,
    toInt128('1000000000000000000') AS lifetime_margin
FROM
(
    SELECT partition, day, level, recency
    FROM verify_people
    WHERE first >= 0
)
