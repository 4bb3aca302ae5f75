-- What the board stands for, in the newest 28 days: against the 28 before, what was
-- wanted, and what others have. Figures of too few cases are NULL. Windows up to the
-- clock, added up here: the views that do so would add what nobody asks for.
WITH (SELECT toStartOfDay(clock) FROM v_clock) AS newest
SELECT
    f.name AS name, f.value AS value, f.before AS before, value - before AS difference,
    if(wanted.metric = '', NULL, wanted.value) AS target,
    if(wanted.metric = '' OR f.value IS NULL, '', if(if(wanted.at_most, f.value <= wanted.value, f.value >= wanted.value), 'yes', 'no')) AS met,
    if(others.metric = '', NULL, others.value) AS industry
FROM
(
    SELECT
        1 AS place, 'Active customers' AS name, 'total' AS metric, 'customers' AS figure,
        toNullable(toFloat64(sumIf(customers, window_end = newest))) AS value, nullIf(toFloat64(sumIf(customers, window_end < newest)), 0) AS before
    FROM valid_rollups_total
    WHERE window = '28d' AND window_end IN (newest, newest - INTERVAL 28 DAY) AND day IN (toDate32(newest, 'UTC'), toDate32(newest, 'UTC') - 28)
    UNION ALL
    SELECT
        3, 'NPS', 'nps', 'nps',
        if(sumIf(answers, window_end = newest) < 10, NULL, 100 * (sumIf(score_9 + score_10, window_end = newest) - sumIf(score_0 + score_1 + score_2 + score_3 + score_4 + score_5 + score_6, window_end = newest)) / sumIf(answers, window_end = newest)),
        if(sumIf(answers, window_end < newest) < 10, NULL, 100 * (sumIf(score_9 + score_10, window_end < newest) - sumIf(score_0 + score_1 + score_2 + score_3 + score_4 + score_5 + score_6, window_end < newest)) / sumIf(answers, window_end < newest))
    FROM valid_rollups_nps
    WHERE window = '28d' AND window_end IN (newest, newest - INTERVAL 28 DAY) AND day IN (toDate32(newest, 'UTC'), toDate32(newest, 'UTC') - 28)
    UNION ALL
    SELECT
        4, 'CSAT', 'csat', 'csat',
        if(sumIf(answers, window_end = newest) < 10, NULL, sumIf(score_4 + score_5, window_end = newest) / sumIf(answers, window_end = newest)),
        if(sumIf(answers, window_end < newest) < 10, NULL, sumIf(score_4 + score_5, window_end < newest) / sumIf(answers, window_end < newest))
    FROM valid_rollups_csat
    WHERE window = '28d' AND window_end IN (newest, newest - INTERVAL 28 DAY) AND day IN (toDate32(newest, 'UTC'), toDate32(newest, 'UTC') - 28)
    UNION ALL
    SELECT
        5, 'CES', 'ces', 'ces',
        if(sumIf(answers, window_end = newest) < 10, NULL, toFloat64(sumIf(score, window_end = newest)) / 1000000 / sumIf(answers, window_end = newest)),
        if(sumIf(answers, window_end < newest) < 10, NULL, toFloat64(sumIf(score, window_end < newest)) / 1000000 / sumIf(answers, window_end < newest))
    FROM valid_rollups_ces
    WHERE window = '28d' AND window_end IN (newest, newest - INTERVAL 28 DAY) AND day IN (toDate32(newest, 'UTC'), toDate32(newest, 'UTC') - 28)
    UNION ALL
    SELECT
        6, 'Sentiment', 'sentiment', 'mean_sentiment',
        if(sumIf(answers, window_end = newest) < 10, NULL, toFloat64(sumIf(sentiment, window_end = newest)) / 1000000 / sumIf(answers, window_end = newest)),
        if(sumIf(answers, window_end < newest) < 10, NULL, toFloat64(sumIf(sentiment, window_end < newest)) / 1000000 / sumIf(answers, window_end < newest))
    FROM valid_rollups_sentiment
    WHERE window = '28d' AND window_end IN (newest, newest - INTERVAL 28 DAY) AND day IN (toDate32(newest, 'UTC'), toDate32(newest, 'UTC') - 28)
    UNION ALL
    SELECT
        7, 'Opt-outs of 1,000 messages', 'messages', 'opt_outs_per_thousand',
        if(sumIf(sent, window_end = newest) < 10, NULL, 1000 * sumIf(unsubscribed + opted_out, window_end = newest) / sumIf(sent, window_end = newest)),
        if(sumIf(sent, window_end < newest) < 10, NULL, 1000 * sumIf(unsubscribed + opted_out, window_end < newest) / sumIf(sent, window_end < newest))
    FROM valid_rollups_messages
    WHERE window = '28d' AND window_end IN (newest, newest - INTERVAL 28 DAY) AND day IN (toDate32(newest, 'UTC'), toDate32(newest, 'UTC') - 28)
) AS f
LEFT JOIN (SELECT * FROM valid_benchmarks WHERE kind = 'target' AND segment = '') AS wanted ON wanted.metric = f.metric AND wanted.figure = f.figure
LEFT JOIN (SELECT * FROM valid_benchmarks WHERE kind = 'industry' AND segment = '') AS others ON others.metric = f.metric AND others.figure = f.figure
WHERE f.value IS NOT NULL
ORDER BY f.place
