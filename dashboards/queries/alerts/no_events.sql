-- 1 where no event was counted in the last hour although 20 an hour or more were over
-- the week before: nothing is sent, nothing is processed, or ClickHouse has no rows.
SELECT toFloat64(now_ = 0 AND before / (7 * 24) >= 20) AS silent
FROM
(
    SELECT
        sumIf(processed, time > $__toTime - INTERVAL 1 HOUR) AS now_,
        sumIf(processed, time <= $__toTime - INTERVAL 1 HOUR) AS before
    FROM v_pipeline_minutes
    WHERE time > $__toTime - INTERVAL 7 DAY AND time <= $__toTime
)
