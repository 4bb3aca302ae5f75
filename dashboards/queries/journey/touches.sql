WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- By the channel of the newest touch before.
SELECT last_touch AS name, sum(leads) AS leads, sum(new_customers) AS new_customers
FROM v_conversions
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
GROUP BY name
HAVING leads + new_customers > 0
ORDER BY new_customers DESC, leads DESC
LIMIT 12
