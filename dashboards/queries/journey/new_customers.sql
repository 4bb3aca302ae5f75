WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT sum(new_customers) AS new_customers
FROM v_conversions
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
