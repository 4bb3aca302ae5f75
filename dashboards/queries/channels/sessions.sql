WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- Of the newest 28 days that end within the range, by the channel on which sessions began.
SELECT channel, sessions, session_seconds, engaged_per_session, events_per_session, bounce_rate
FROM v_sessions
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC') AND sessions > 0
  AND channel IN (${channel:singlequote})
ORDER BY sessions DESC
LIMIT 20
