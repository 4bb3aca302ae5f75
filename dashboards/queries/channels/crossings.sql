WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT from_channel, to_channel, crossings, first_share
FROM v_crossings
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND crossings > 0
  AND from_channel IN (${channel:singlequote})
ORDER BY crossings DESC
LIMIT 25
