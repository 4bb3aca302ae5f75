-- Customers who have been in a stage or a later one, by the newest day within the range.
SELECT name, sumIf(customers, reached >= place) AS customers
FROM
(
    SELECT indexOf(['awareness', 'consideration', 'preference', 'purchase', 'loyalty'], toString(furthest)) AS reached, sum(customers) AS customers
    FROM v_stages
    WHERE day <= toDate($__toTime)
    GROUP BY day, reached
    QUALIFY day = max(day) OVER ()
) AS furthest
CROSS JOIN (SELECT arrayJoin(arrayEnumerate(['awareness', 'consideration', 'preference', 'purchase', 'loyalty'])) AS place, ['awareness', 'consideration', 'preference', 'purchase', 'loyalty'][place] AS name) AS stages
GROUP BY name, place
ORDER BY place
