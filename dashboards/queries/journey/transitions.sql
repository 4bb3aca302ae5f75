WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT from_stage, to_stage, transitions, first_reached, if(forward > 0, 'forward', 'back') AS direction
FROM v_journey
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND transitions > 0
ORDER BY transitions DESC
LIMIT 30
