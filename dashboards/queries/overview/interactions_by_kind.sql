-- The last window that ends in each interval. Exposure is what the company
-- sent, not an interaction.
SELECT $__timeInterval(window_end) AS time, kind, argMax(events, window_end) AS events
FROM v_kind
WHERE window = ${window:sqlstring}
  AND kind != 'exposure'
  AND $__timeFilter(window_end)
GROUP BY time, kind
ORDER BY time, kind
