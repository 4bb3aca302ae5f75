SELECT toDateTime(day) AS time, level_changes / (customer_days / 30) AS level_changes_per_customer_month
FROM v_unrest
WHERE $__timeFilter(time) AND customer_days >= 3000
ORDER BY time
