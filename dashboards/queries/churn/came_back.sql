SELECT uniqExact(customer) AS customers
FROM v_level_changes
WHERE signal = 'cleared' AND previous IN ('at_risk', 'lapsed') AND level NOT IN ('at_risk', 'lapsed') AND $__timeFilter(at)
