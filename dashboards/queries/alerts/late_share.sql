-- Share of the last hour's events that came too late to count. Fewer than 100 say
-- nothing.
SELECT if(late + counted < 100, 0, late / (late + counted)) AS share
FROM
(
    SELECT sum(late_dropped) AS late, sum(processed) AS counted
    FROM v_pipeline_minutes
    WHERE time > $__toTime - INTERVAL 1 HOUR AND time <= $__toTime
)
