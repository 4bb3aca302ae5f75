-- The newest window that has ended by the end of the range. Long windows end
-- less often than a range is long, so it may lie before the range, by up to two
-- slides and what the pipeline is behind.
SELECT argMax(customers, window_end) AS customers
FROM v_total
WHERE window = ${window:sqlstring}
  AND window_end > $__fromTime - (2 * transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) + 300)
  AND window_end <= $__toTime
  AND day >= toDate32($__fromTime - (2 * transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) + 300), 'UTC')
  AND day <= toDate32($__toTime, 'UTC')
HAVING count() > 0
