SELECT type, count() AS events, quantileExact(0.5)(late_seconds) AS median_late, max(late_seconds) AS most_late
FROM (SELECT clock AS moment, type, late_seconds FROM v_late)
WHERE $__timeFilter(moment)
GROUP BY type
ORDER BY events DESC, type
LIMIT 20
