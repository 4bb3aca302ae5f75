-- Of the newest five minutes that all partitions have published.
SELECT sum(processed) / 300 AS per_second
FROM v_pipeline_minutes
WHERE time > (SELECT toStartOfMinute(clock) - INTERVAL 5 MINUTE FROM v_clock) AND time <= (SELECT toStartOfMinute(clock) FROM v_clock)
