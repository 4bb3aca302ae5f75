-- Share of the last hour's events that were refused. Fewer than 100 say nothing.
SELECT if(refused + counted < 100, 0, refused / (refused + counted)) AS share
FROM
(
    SELECT sum(dead_letters) AS refused, sum(processed) AS counted
    FROM v_pipeline_minutes
    WHERE time > $__toTime - INTERVAL 1 HOUR AND time <= $__toTime
)
