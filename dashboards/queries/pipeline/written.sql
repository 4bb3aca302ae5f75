-- Messages that the sink wrote, by stream: how far its cursor came since the one before.
SELECT $__timeInterval(minute) AS time, stream, sum(step) AS messages
FROM
(
    SELECT minute, stream, sequence - lagInFrame(sequence, 1, sequence) OVER (PARTITION BY name, stream, created ORDER BY minute ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS step
    FROM (SELECT name, toString(stream) AS stream, created, minute, max(sequence) AS sequence FROM sink_cursors WHERE minute >= $__fromTime - INTERVAL 5 MINUTE AND minute <= $__toTime GROUP BY name, stream, created, minute)
)
WHERE $__timeFilter(minute)
GROUP BY time, stream
ORDER BY time, stream
