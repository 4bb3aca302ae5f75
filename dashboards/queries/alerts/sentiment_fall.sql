-- How far the mean sentiment of the last 7 days is below that of the 28 days, on its
-- scale from -1 to 1. Fewer than 50 answers say nothing.
SELECT if(n7 < 50 OR n28 < 50, 0, s28 / n28 - s7 / n7) AS fall
FROM
(
    WITH
        (SELECT max(window_end) FROM v_sentiment WHERE window = '7d' AND day >= toDate32($__toTime, 'UTC') - 3 AND window_end <= $__toTime) AS week,
        (SELECT max(window_end) FROM v_sentiment WHERE window = '28d' AND day >= toDate32($__toTime, 'UTC') - 3 AND window_end <= $__toTime) AS month
    SELECT
        sumIf(answers, window = '7d' AND window_end = week) AS n7,
        toFloat64(sumIf(sentiment, window = '7d' AND window_end = week)) AS s7,
        sumIf(answers, window = '28d' AND window_end = month) AS n28,
        toFloat64(sumIf(sentiment, window = '28d' AND window_end = month)) AS s28
    FROM v_sentiment
    WHERE window IN ('7d', '28d') AND day >= toDate32($__toTime, 'UTC') - 3
)
