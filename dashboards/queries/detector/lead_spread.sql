-- How far the silence was on its way to a horizon, at which the loss is certain, when
-- the alert came: right and wrong ones, by tenths of the way.
SELECT
    if(n = 10, 'later', concat(toString(10 * n), '–', toString(10 * n + 10), ' %')) AS name,
    sum(rights) AS right, sum(wrongs) AS wrong
FROM
(
    SELECT toUInt8(least(10, greatest(0, floor(10 * days_after / (days_after + horizon_left))))) AS n, countIf(is_right) AS rights, countIf(NOT is_right) AS wrongs
    FROM
    (
        SELECT alerts.days_after AS days_after, alerts.right AS is_right, signals.horizon_days - alerts.days_after AS horizon_left
        FROM v_alerts AS alerts
        INNER JOIN (SELECT customer, at, horizon_days FROM v_signals WHERE signal = 'raised' AND level = 'at_risk' AND $__timeFilter(at)) AS signals
        ON signals.customer = alerts.customer AND signals.at = alerts.at
    )
    GROUP BY n
    UNION ALL
    SELECT toUInt8(number), 0, 0
    FROM numbers(11)
)
GROUP BY n
ORDER BY n
