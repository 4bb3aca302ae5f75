WITH toStartOfDay(least($__toTime, (SELECT toDateTime(clock, 'UTC') FROM v_clock)), 'UTC') AS newest
-- How many gave each score, in the newest 28 days that end within the range.
SELECT toString(score) AS name, answers
FROM
(
    SELECT [sum(score_1), sum(score_2), sum(score_3), sum(score_4), sum(score_5)] AS counts
    FROM v_csat
    WHERE window = '28d' AND window_end = newest AND day = toDate32(newest, 'UTC')
      AND channel IN (${channel:singlequote})
)
ARRAY JOIN counts AS answers, arrayMap(i -> i + 0, arrayEnumerate(counts)) AS score
ORDER BY score
