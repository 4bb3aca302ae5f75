SELECT uniqExact(customer) AS customers
FROM v_level_changes
WHERE signal = 'raised' AND level = 'at_risk' AND $__timeFilter(at)
