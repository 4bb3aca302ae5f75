-- Active customers of the newest window of a day, as a share of the mean of the
-- windows of the 28 days before that ended at the same time. Where fewer than 100
-- are usual it says nothing.
SELECT if(usual < 100, 1, today / usual) AS share
FROM
(
    WITH (SELECT max(window_end) FROM v_total WHERE window = '24h' AND day >= toDate32($__toTime, 'UTC') - 2 AND window_end <= $__toTime) AS newest
    SELECT
        sumIf(customers, window_end = newest) AS today,
        sumIf(customers, window_end < newest) / greatest(1, countIf(window_end < newest)) AS usual
    FROM v_total
    WHERE window = '24h'
      AND day >= toDate32($__toTime, 'UTC') - 30
      AND window_end <= newest AND window_end >= newest - INTERVAL 28 DAY
      AND dateDiff('second', window_end, newest) % 86400 = 0
)
