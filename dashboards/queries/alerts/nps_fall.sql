-- How many points the NPS of the last 7 days is below that of the 28 days, where that is
-- more than chance: twice the standard error of the week. Fewer than 30 answers say
-- nothing.
SELECT if(n7 < 30 OR n28 < 30 OR below < 2 * error, 0, below) AS fall
FROM
(
    WITH
        (SELECT max(window_end) FROM v_nps WHERE window = '7d' AND day >= toDate32($__toTime, 'UTC') - 3 AND window_end <= $__toTime) AS week,
        (SELECT max(window_end) FROM v_nps WHERE window = '28d' AND day >= toDate32($__toTime, 'UTC') - 3 AND window_end <= $__toTime) AS month
    SELECT
        sumIf(answers, window = '7d' AND window_end = week) AS n7,
        sumIf(answers, window = '28d' AND window_end = month) AS n28,
        sumIf(toInt64(score_9 + score_10), window = '7d' AND window_end = week) / n7 AS promoters,
        sumIf(toInt64(score_0 + score_1 + score_2 + score_3 + score_4 + score_5 + score_6), window = '7d' AND window_end = week) / n7 AS detractors,
        sumIf(toInt64(score_9 + score_10) - toInt64(score_0 + score_1 + score_2 + score_3 + score_4 + score_5 + score_6), window = '28d' AND window_end = month) / n28 AS before,
        100 * (before - (promoters - detractors)) AS below,
        100 * sqrt(greatest(promoters + detractors - pow(promoters - detractors, 2), 0) / n7) AS error
    FROM v_nps
    WHERE window IN ('7d', '28d') AND day >= toDate32($__toTime, 'UTC') - 3
)
