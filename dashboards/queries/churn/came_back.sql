SELECT uniqExact(customer) AS customers
FROM v_signals
WHERE signal = 'cleared' AND previous IN ('at_risk', 'lapsed') AND level NOT IN ('at_risk', 'lapsed') AND $__timeFilter(at)
