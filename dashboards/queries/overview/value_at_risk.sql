-- What was at stake in those at risk, by the currency of their orders: each comes with
-- the value that their signal told, and goes with it. What held before the range stands
-- at its beginning, and what holds at its end there.
SELECT $__timeInterval(moment) AS time, currency, argMax(value_at_risk, changed) AS value_at_risk
FROM
(
    SELECT
        changed, currency, value_at_risk,
        arrayJoin(if(changed = max(changed) OVER (PARTITION BY currency), [greatest(changed, $__fromTime), $__toTime], [greatest(changed, $__fromTime)])) AS moment
    FROM
    (
        SELECT changed, currency, sum(change) OVER (PARTITION BY currency ORDER BY changed) AS value_at_risk
        FROM
        (
            SELECT toStartOfHour(toDateTime(moved.1)) AS changed, moved.2 AS currency, sum(moved.3) AS change
            FROM
            (
                SELECT arrayJoin([
                    (at, toString(currency), if(level = 'at_risk', value_at_risk, 0.)),
                    (at, toString(before.1), -before.2)
                ]) AS moved
                FROM
                (
                    SELECT
                        at, level, currency, value_at_risk,
                        lagInFrame((currency, if(level = 'at_risk', value_at_risk, 0.)), 1, ('', 0.)) OVER (PARTITION BY era, customer ORDER BY episode ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
                    FROM v_signals
                    WHERE at <= $__toTime AND (level = 'at_risk' OR previous = 'at_risk')
                )
            )
            WHERE moved.3 != 0
            GROUP BY changed, currency
        )
    )
    WHERE currency IN (SELECT toString(currency) FROM v_signals WHERE signal = 'raised' AND level = 'at_risk' AND currency != '' GROUP BY currency ORDER BY count() DESC LIMIT 3)
)
GROUP BY time, currency
ORDER BY time, currency
