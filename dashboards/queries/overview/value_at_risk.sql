-- What was at stake in those at risk, by the currency of their orders: each comes with
-- the value that their signal told, and goes with it when their next change ends the
-- stay. What held before the range stands at its beginning, and what holds at its end
-- there. The three currencies of most customers. A stay is known by a number made of what
-- it is of, which is found sooner.
SELECT $__timeInterval(moment) AS time, currency, argMax(value_at_risk, changed) AS value_at_risk
FROM
(
    SELECT
        changed, currency, value_at_risk,
        arrayJoin(if(changed = max(changed) OVER (PARTITION BY currency), [greatest(changed, $__fromTime), $__toTime], [greatest(changed, $__fromTime)])) AS moment
    FROM
    (
        SELECT changed, currency, value_at_risk, dense_rank() OVER (ORDER BY customers DESC, currency) AS place
        FROM
        (
            SELECT changed, currency, sum(change) OVER (PARTITION BY currency ORDER BY changed) AS value_at_risk, sum(raised) OVER (PARTITION BY currency) AS customers
            FROM
            (
                SELECT moved.1 AS changed, currency, sum(moved.2) AS change, sum(moved.3) AS raised
                FROM
                (
                    SELECT currency, arrayJoin([(came, value, raised), (gone, -value, 0)]) AS moved
                    FROM
                    (
                        SELECT came, gone, currency, sum(worth) AS value, sum(raises) AS raised
                        FROM
                        (
                            SELECT
                                maxIf(toStartOfHour(toDateTime(at)), level = 'at_risk') AS came,
                                maxIf(toStartOfHour(toDateTime(at)), level != 'at_risk') AS gone,
                                toString(anyIf(currency, level = 'at_risk')) AS currency,
                                sumIf(value_at_risk, level = 'at_risk') AS worth,
                                countIf(level = 'at_risk' AND signal = 'raised') AS raises
                            FROM v_level_changes
                            WHERE at <= $__toTime AND (level = 'at_risk' OR previous = 'at_risk')
                            GROUP BY cityHash64(era, customer, episode - (level != 'at_risk'))
                        )
                        WHERE worth != 0 OR raises > 0
                        GROUP BY came, gone, currency
                    )
                )
                WHERE toUnixTimestamp(moved.1) > 0 AND currency != ''
                GROUP BY changed, currency
            )
        )
        QUALIFY place <= 3
    )
)
GROUP BY time, currency
ORDER BY time, currency
