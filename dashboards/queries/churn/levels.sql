-- There are rows for changes only: what held before the range stands at its beginning,
-- and what holds at its end there.
SELECT
    $__timeInterval(moment) AS time,
    argMax(healthy, changed) AS healthy,
    argMax(cooling, changed) AS cooling,
    argMax(at_risk, changed) AS at_risk,
    argMax(lapsed, changed) AS lapsed
FROM
(
    SELECT
        arrayJoin(if(time = max(time) OVER (), [greatest(toDateTime(time), $__fromTime), $__toTime], [greatest(toDateTime(time), $__fromTime)])) AS moment,
        time AS changed, healthy, cooling, at_risk, lapsed
    FROM v_levels
    WHERE time <= $__toTime
)
GROUP BY time
ORDER BY time
