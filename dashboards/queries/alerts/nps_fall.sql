-- How many points the NPS of the last 7 days is below that of the 28 days, where that is
-- more than chance: twice the standard error of the week. Fewer than 30 answers say
-- nothing.
SELECT if(n7 < 30 OR n28 < 30 OR below < 2 * error, 0, below) AS fall
FROM
(
    SELECT
        argMaxIf(n, window_end, window = '7d') AS n7,
        argMaxIf(n, window_end, window = '28d') AS n28,
        argMaxIf(up, window_end, window = '7d') / n7 AS promoters,
        argMaxIf(down, window_end, window = '7d') / n7 AS detractors,
        argMaxIf(toInt64(up) - toInt64(down), window_end, window = '28d') / n28 AS before,
        100 * (before - (promoters - detractors)) AS below,
        100 * sqrt(greatest(promoters + detractors - pow(promoters - detractors, 2), 0) / n7) AS error
    FROM
    (
        SELECT
            window, window_end, sum(answers) AS n,
            sum(score_9 + score_10) AS up, sum(score_0 + score_1 + score_2 + score_3 + score_4 + score_5 + score_6) AS down
        FROM v_nps
        WHERE window IN ('7d', '28d') AND day >= toDate32($__toTime, 'UTC') - 3 AND window_end <= $__toTime
        GROUP BY window, window_end
    )
)
