-- Of the customers who first engaged in a week, the share who engage in each week after
-- it; cohorts of the range.
SELECT
    cohort, max(customers) AS customers,
    anyIf(toNullable(retention), week = 1) AS week_1,
    anyIf(toNullable(retention), week = 2) AS week_2,
    anyIf(toNullable(retention), week = 3) AS week_3,
    anyIf(toNullable(retention), week = 4) AS week_4,
    anyIf(toNullable(retention), week = 5) AS week_5,
    anyIf(toNullable(retention), week = 6) AS week_6,
    anyIf(toNullable(retention), week = 7) AS week_7,
    anyIf(toNullable(retention), week = 8) AS week_8,
    anyIf(toNullable(retention), week = 12) AS week_12
FROM (SELECT cohort, toUInt32(toString(week)) AS week, customers, retention FROM v_retention)
WHERE toDate(cohort) >= toDate($__fromTime) - 90 AND toDate(cohort) <= toDate($__toTime)
GROUP BY cohort
ORDER BY cohort DESC
LIMIT 26
