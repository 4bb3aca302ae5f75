-- What became of the records, by the streams' time.
SELECT
    $__timeInterval(minute) AS time,
    sum(processed) AS processed,
    sum(duplicates) AS duplicates,
    sum(dead_letters) AS dead_letters,
    sum(late_dropped) AS late
FROM (SELECT time AS minute, processed, duplicates, dead_letters, late_dropped FROM v_pipeline_minutes)
WHERE $__timeFilter(minute)
GROUP BY time
ORDER BY time
