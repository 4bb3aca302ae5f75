-- What the customers bring who were raised to at risk in the last day, times their
-- risk, against the mean of the 28 days before, by currency. Fewer than 10 are none.
SELECT currency, if(customers < 10, 0, today / greatest(earlier / 28, today / 1000)) AS ratio
FROM
(
    SELECT
        toString(currency) AS currency,
        countIf(at > $__toTime - INTERVAL 1 DAY) AS customers,
        toFloat64(sumIf(value_at_risk, at > $__toTime - INTERVAL 1 DAY)) AS today,
        toFloat64(sumIf(value_at_risk, at <= $__toTime - INTERVAL 1 DAY)) AS earlier
    FROM v_level_changes
    WHERE signal = 'raised' AND level = 'at_risk' AND at > $__toTime - INTERVAL 29 DAY AND at <= $__toTime AND currency != ''
    GROUP BY currency
    HAVING today > 0
)
