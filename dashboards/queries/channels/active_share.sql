WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
SELECT channel AS name, if(sum(events) < 10, NULL, sum(active) / sum(events)) AS active_share
FROM v_kind_mix
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
  AND channel IN (${channel:singlequote})
GROUP BY name
HAVING active_share IS NOT NULL
ORDER BY active_share DESC
LIMIT 20
