-- Customers who lapsed in the last 7 days, against the mean of the 3 weeks before.
-- Fewer than 20 are none.
SELECT if(week < 20, 0, week / greatest(earlier / 3, 1)) AS ratio
FROM
(
    SELECT
        countIf(at > $__toTime - INTERVAL 7 DAY) AS week,
        countIf(at <= $__toTime - INTERVAL 7 DAY) AS earlier
    FROM v_level_changes
    WHERE signal = 'raised' AND level = 'lapsed' AND at > $__toTime - INTERVAL 28 DAY AND at <= $__toTime
)
