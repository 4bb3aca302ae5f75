SELECT sum(late_dropped) / nullIf(sum(processed + late_dropped), 0) AS late
FROM (SELECT time AS minute, processed, late_dropped FROM v_pipeline_minutes)
WHERE $__timeFilter(minute)
