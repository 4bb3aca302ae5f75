WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- Of the newest 28 days that end within the range.
SELECT channel, kind, type, events
FROM v_interactions
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
  AND channel IN (${channel:singlequote}) AND kind IN (${kind:singlequote})
ORDER BY events DESC, type, channel
LIMIT 60
