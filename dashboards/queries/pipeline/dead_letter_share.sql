SELECT sum(dead_letters) / nullIf(sum(processed + dead_letters), 0) AS dead_letters
FROM (SELECT time AS minute, processed, dead_letters FROM v_pipeline_minutes)
WHERE $__timeFilter(minute)
