-- How far the clock of the slowest partition is behind now, in seconds, while events
-- come: within the last hour some did.
SELECT if((SELECT sum(processed) FROM v_pipeline_minutes WHERE time > $__toTime - INTERVAL 1 HOUR) > 0, max(lag_seconds), 0) AS seconds
FROM v_pipeline
HAVING count() > 0
