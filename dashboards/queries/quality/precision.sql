SELECT
    toStartOfMonth(at) AS time,
    if(holdout, 'hold-out', 'acted on') AS customers,
    countIf(right) / count() AS precision
FROM v_alerts
WHERE $__timeFilter(at)
GROUP BY time, customers
HAVING count() >= 100
ORDER BY time, customers
