-- By how much the watermark of the slowest partition is behind that of the fastest,
-- in seconds: it holds back every figure.
SELECT (toUnixTimestamp64Milli(max(watermark)) - toUnixTimestamp64Milli(min(watermark))) / 1000 AS seconds
FROM v_pipeline
HAVING count() > 0
