-- The last window that ends in each interval.
SELECT $__timeInterval(window_end) AS time, argMax(customers, window_end) AS customers
FROM v_total
WHERE window = ${window:sqlstring}
  AND $__timeFilter(window_end)
GROUP BY time
ORDER BY time
