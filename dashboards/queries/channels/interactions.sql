-- As active_customers of the overview, for every channel that one of the windows has;
-- zeros where a channel has no event in a window.
WITH transform(${window:sqlstring}, ['1m', '5m', '1h', '24h', '7d', '28d'], [60, 60, 300, 3600, 21600, 86400], 86400) AS slide
SELECT time, arrayJoin(names) AS channel, counts[channel] AS events
FROM
(
    SELECT $__timeInterval(moment) AS time, argMax(counts, k) AS counts, any(names) AS names
    FROM
    (
        SELECT
            k, counts, names,
            arrayJoin(if(k = newest, [greatest(toDateTime(k * slide), $__fromTime), $__toTime], [greatest(toDateTime(k * slide), $__fromTime)])) AS moment
        FROM
        (
            SELECT k, sumMap(one) AS counts, max(k) OVER () AS newest, arraySort(groupUniqArrayArray(mapKeys(sumMap(one))) OVER ()) AS names
            FROM
            (
                SELECT intDiv(toUnixTimestamp(window_end), slide) AS k, map(toString(channel), toUInt64(events)) AS one
                FROM v_channel
                WHERE window = ${window:sqlstring}
                  AND channel IN (${channel:singlequote})
                  AND window_end > $__fromTime - (2 * slide + 300) AND window_end <= $__toTime
                  AND day >= toDate32($__fromTime - (2 * slide + 300), 'UTC') AND day <= toDate32($__toTime, 'UTC')
                UNION ALL
                SELECT intDiv(toUnixTimestamp(least($__toTime, (SELECT toDateTime(clock) FROM v_clock))), slide) AS k, map()
                WHERE k * slide > toUnixTimestamp($__fromTime) - (2 * slide + 300)
            )
            GROUP BY k
            ORDER BY k WITH FILL
        )
        WHERE k >= least(newest, intDiv(toUnixTimestamp($__fromTime), slide))
    )
    GROUP BY time
)
ORDER BY time, channel
