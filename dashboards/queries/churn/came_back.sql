SELECT uniqExact(customer) AS customers
FROM v_level_changes
WHERE signal = 'cleared' AND reason != 'joined' AND previous IN ('at_risk', 'lapsed') AND level NOT IN ('at_risk', 'lapsed') AND $__timeFilter(at)
