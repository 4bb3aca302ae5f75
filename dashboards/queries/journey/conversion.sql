WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT if(sum(leads) < 10, NULL, sum(converted) / sum(leads)) AS conversion_rate
FROM v_conversions
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
