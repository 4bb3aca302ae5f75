-- Of the right alerts of the range: how long before their silence had lasted a horizon,
-- when the loss was certain, they came.
SELECT if(countIf(right) < 10, NULL, medianExactIf(assumeNotNull(lead_days), right)) AS lead_days
FROM v_alerts
WHERE $__timeFilter(at)
