-- What ClickHouse keeps of one customer: changes of level, alerts within the budget, and
-- events that came too late. `ebb customer ID` says what ebb knows of them besides.
SELECT at, what, risk, words
FROM
(
    SELECT
        at, episode, concat(if(signal = 'raised', 'raised to ', 'back to '), replaceAll(toString(level), '_', ' ')) AS what, risk,
        concat(headline, if(reasons = '', '', concat('. Because: ', reasons))) AS words
    FROM v_signals
    WHERE customer = ${customer:sqlstring} AND $__timeFilter(at)
    UNION ALL
    SELECT at, episode, 'alert within the budget' AS what, risk, concat('Worth a contact: ', toString(round(value_at_risk, 2)), ' ', currency, ' are at risk') AS words
    FROM v_budget_alerts
    WHERE customer = ${customer:sqlstring} AND $__timeFilter(at)
    UNION ALL
    SELECT clock AS at, 0 AS episode, 'event that came too late' AS what, NULL AS risk, concat(toString(type), ' of ', formatDateTime(time, '%Y-%m-%d %H:%i', 'UTC'), ' UTC') AS words
    FROM v_late
    WHERE customer = ${customer:sqlstring} AND clock >= $__fromTime AND clock <= $__toTime
)
ORDER BY at DESC, episode DESC
LIMIT 200
