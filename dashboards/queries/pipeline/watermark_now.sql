SELECT dateDiff('second', min(watermark), now64(3)) AS behind
FROM v_pipeline
HAVING count() > 0
