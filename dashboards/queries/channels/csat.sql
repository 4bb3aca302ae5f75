WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- Channels with at least ten answers; how far they lie apart is how consistent they are.
SELECT channel AS name, csat
FROM v_csat
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND csat IS NOT NULL
  AND channel IN (${channel:singlequote})
ORDER BY csat DESC
