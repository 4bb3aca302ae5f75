SELECT
    $__timeInterval(at) AS time,
    countIf(signal = 'raised' AND level = 'at_risk') AS became_at_risk,
    countIf(signal = 'raised' AND level = 'lapsed') AS lapsed,
    countIf(signal = 'cleared' AND previous IN ('at_risk', 'lapsed') AND level NOT IN ('at_risk', 'lapsed')) AS came_back
FROM v_signals
WHERE $__timeFilter(at)
GROUP BY time
ORDER BY time
