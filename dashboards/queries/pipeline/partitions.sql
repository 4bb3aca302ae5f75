SELECT partition, clock, watermark, lag_seconds, sequence, processed, duplicates, dead_letters, late_dropped
FROM v_pipeline
ORDER BY partition
