WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- The experience by channel, in the newest 28 days that end within the range.
SELECT
    channel, sum(goal_answers + ease_answers + joy_answers) AS answers,
    any(meets_needs) AS meets_needs, any(easy) AS easy, any(enjoyable) AS enjoyable, sum(cases_opened) AS cases_opened, sum(cases_resolved) AS cases_resolved
FROM v_pyramid
WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
  AND channel IN (${channel:singlequote})
GROUP BY channel
ORDER BY answers DESC, cases_opened DESC
