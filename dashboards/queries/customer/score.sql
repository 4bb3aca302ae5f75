-- The risk at every change of level; between them it grows with the silence, and is not
-- kept. Beside it the least risks from which customers were raised in the last week. What
-- held before the range stands at its beginning, and what holds at its end there.
WITH
    (
        SELECT (minIf(risk, level = 'cooling'), minIf(risk, level = 'at_risk'))
        FROM v_level_changes
        WHERE signal = 'raised' AND level IN ('cooling', 'at_risk') AND rule = '' AND at > (SELECT clock - INTERVAL 7 DAY FROM v_clock)
    ) AS least
SELECT
    arrayJoin(if(at = newest, [greatest(at, $__fromTime), $__toTime], [greatest(at, $__fromTime)])) AS time,
    risk,
    least.1 AS cooling_from, least.2 AS at_risk_from
FROM
(
    SELECT toDateTime(signals.at) AS at, risk, max(at) OVER () AS newest, maxIf(at, at <= $__fromTime) OVER () AS before
    FROM v_signals AS signals
    WHERE customer = ${customer:sqlstring} AND signals.at <= $__toTime
)
WHERE at >= $__fromTime OR at = before
ORDER BY time
