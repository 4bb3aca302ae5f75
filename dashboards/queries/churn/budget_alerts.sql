-- Whom the alert budget went to in the range, and what has become of them.
SELECT at, customer, value_at_risk, currency, risk, level, concat(upper(substring(reasons, 1, 1)), substring(reasons, 2)) AS reasons
FROM v_budget_alerts
WHERE $__timeFilter(at)
ORDER BY at DESC, value_at_risk DESC
LIMIT 100
