-- How far the mean sentiment of the last 7 days is below that of the 28 days, on its
-- scale from -1 to 1. Fewer than 50 answers say nothing.
SELECT if(n7 < 50 OR n28 < 50, 0, s28 / n28 - s7 / n7) AS fall
FROM
(
    SELECT
        argMaxIf(n, window_end, window = '7d') AS n7,
        argMaxIf(s, window_end, window = '7d') AS s7,
        argMaxIf(n, window_end, window = '28d') AS n28,
        argMaxIf(s, window_end, window = '28d') AS s28
    FROM
    (
        SELECT window, window_end, sum(answers) AS n, toFloat64(sum(sentiment)) AS s
        FROM v_sentiment
        WHERE window IN ('7d', '28d') AND day >= toDate32($__toTime, 'UTC') - 3 AND window_end <= $__toTime
        GROUP BY window, window_end
    )
)
