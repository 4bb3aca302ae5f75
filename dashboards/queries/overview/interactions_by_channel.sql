-- The last window that ends in each interval.
SELECT $__timeInterval(window_end) AS time, channel, argMax(events, window_end) AS events
FROM v_channel
WHERE window = ${window:sqlstring}
  AND $__timeFilter(window_end)
GROUP BY time, channel
ORDER BY time, channel
