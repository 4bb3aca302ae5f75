SELECT uniqExact(customer) AS customers
FROM v_signals
WHERE signal = 'raised' AND level = 'at_risk' AND $__timeFilter(at)
