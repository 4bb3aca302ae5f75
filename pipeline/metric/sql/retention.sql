SELECT
    partition, day,
    toString(toDate32(first - (first + 3) % 7)) AS cohort,
    toString(intDiv(day - 6 - (first - (first + 3) % 7), 7)) AS week,
    1 AS customers, arrayExists(ago -> ago < 7, engaged) AS active
FROM verify_people
WHERE first >= 0 AND (day + 3) % 7 = 6
