-- Customers raised to at risk in the last day, against the mean of the 28 days
-- before. Fewer than 20 are no inflow.
SELECT if(today < 20, 0, today / greatest(earlier / 28, 1)) AS ratio
FROM
(
    SELECT
        countIf(at > $__toTime - INTERVAL 1 DAY) AS today,
        countIf(at <= $__toTime - INTERVAL 1 DAY) AS earlier
    FROM v_level_changes
    WHERE signal = 'raised' AND level = 'at_risk' AND at > $__toTime - INTERVAL 29 DAY AND at <= $__toTime
)
