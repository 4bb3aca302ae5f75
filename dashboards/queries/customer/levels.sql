-- Which level held when: before the first change in the range the one before it.
SELECT
    arrayJoin(if(at = newest, [greatest(at, $__fromTime), $__toTime], [greatest(at, $__fromTime)])) AS time,
    toString(level) AS level
FROM
(
    SELECT toDateTime(signals.at) AS at, level, max(at) OVER () AS newest, maxIf(at, at <= $__fromTime) OVER () AS before
    FROM v_signals AS signals
    WHERE customer = ${customer:sqlstring} AND signals.at <= $__toTime
)
WHERE at >= $__fromTime OR at = before
ORDER BY time
