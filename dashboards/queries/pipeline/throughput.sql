-- Accepted events a second, on average over the minutes of each interval.
SELECT $__timeInterval(minute) AS time, sum(processed) / (60 * uniqExact(minute)) AS per_second
FROM (SELECT time AS minute, processed FROM v_pipeline_minutes)
WHERE $__timeFilter(minute)
GROUP BY time
ORDER BY time
