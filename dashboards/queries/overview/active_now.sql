SELECT argMax(customers, window_end) AS customers
FROM v_total
WHERE window = ${window:sqlstring}
  AND $__timeFilter(window_end)
HAVING count() > 0
