-- How many were at risk over the range. There are rows for changes only: what held
-- before the range stands at its beginning, and what holds at its end there.
SELECT $__timeInterval(moment) AS time, argMax(at_risk, changed) AS at_risk
FROM
(
    SELECT
        time AS changed, at_risk,
        arrayJoin(if(time = max(time) OVER (), [greatest(toDateTime(time), $__fromTime), $__toTime], [greatest(toDateTime(time), $__fromTime)])) AS moment
    FROM v_levels
    WHERE time <= $__toTime
)
GROUP BY time
ORDER BY time
