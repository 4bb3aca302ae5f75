WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT if(sum(views) < 10, NULL, sum(likes + comments + shares) / sum(views)) AS social_rate
FROM v_social
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
