WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- Types with at least ten reads.
SELECT concat(channel, ', ', type) AS name, third_share, two_thirds_share, finished_share
FROM v_reading
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND finished_share IS NOT NULL
  AND channel IN (${channel:singlequote})
ORDER BY reads DESC
LIMIT 8
