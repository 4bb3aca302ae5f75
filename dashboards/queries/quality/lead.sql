SELECT
    toStartOfMonth(at) AS time,
    if(holdout, 'hold-out', 'acted on') AS customers,
    medianExact(lead_days) AS lead_days
FROM v_alerts
WHERE $__timeFilter(at)
GROUP BY time, customers
HAVING countIf(right) >= 10
ORDER BY time, customers
