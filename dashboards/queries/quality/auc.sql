SELECT as_of AS time, segment, auc
FROM v_model_quality_history
WHERE $__timeFilter(as_of) AND NOT too_few
ORDER BY time, segment
