SELECT count() AS alerts
FROM v_budget_alerts
WHERE $__timeFilter(at)
