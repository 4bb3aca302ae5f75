-- Complaints of the newest window of a day, against the mean of the windows of the 28
-- days before that ended at the same time. Fewer than 20 are none.
SELECT if(today < 20, 0, today / greatest(usual, 1)) AS ratio
FROM
(
    WITH (SELECT max(window_end) FROM v_total WHERE window = '24h' AND day >= toDate32($__toTime, 'UTC') - 2 AND window_end <= $__toTime) AS newest
    SELECT
        sumIf(events, window_end = newest) AS today,
        sumIf(events, window_end < newest) / 28 AS usual
    FROM v_type
    WHERE window = '24h' AND type IN ('case.opened', 'spam_reported', 'order.returned')
      AND day >= toDate32($__toTime, 'UTC') - 30
      AND window_end <= newest AND window_end >= newest - INTERVAL 28 DAY
      AND dateDiff('second', window_end, newest) % 86400 = 0
)
