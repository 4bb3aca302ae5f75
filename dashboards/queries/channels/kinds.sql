WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- Of the newest 28 days that end within the range.
SELECT channel AS name, sum(passive) AS passive, sum(micro) AS micro, sum(active) AS active
FROM v_kind_mix
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
  AND channel IN (${channel:singlequote})
GROUP BY name
HAVING sum(events) > 0
ORDER BY sum(events) DESC
LIMIT 20
