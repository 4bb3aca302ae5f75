-- How far the silence was on its way to a horizon, at which the loss is certain, when
-- the alert came: right and wrong ones, by tenths of the way. Lead time and silence of a
-- right alert are its horizon; that of wrong ones is the longest of them.
SELECT
    if(n = 10, 'later', concat(toString(10 * n), '–', toString(10 * n + 10), ' %')) AS name,
    sum(rights) AS right, sum(wrongs) AS wrong
FROM
(
    SELECT toUInt8(least(10, greatest(0, floor(10 * days_after / ifNull(days_after + horizon_left, days_after + 1))))) AS n, countIf(is_right) AS rights, countIf(NOT is_right) AS wrongs
    FROM
    (
        SELECT days_after, right AS is_right, ifNull(lead_days + days_after, max(lead_days + days_after) OVER ()) - days_after AS horizon_left
        FROM v_alerts
        WHERE $__timeFilter(at)
    )
    GROUP BY n
    UNION ALL
    SELECT toUInt8(number), 0, 0
    FROM numbers(11)
)
GROUP BY n
ORDER BY n
