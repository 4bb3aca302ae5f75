SELECT sum(duplicates) / nullIf(sum(processed + duplicates), 0) AS duplicates
FROM (SELECT time AS minute, processed, duplicates FROM v_pipeline_minutes)
WHERE $__timeFilter(minute)
