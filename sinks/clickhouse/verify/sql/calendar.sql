-- The calendar of one configuration's time zone: when each day ends, after which no
-- instant is of the day or of one before it. Days that the zone has left out are none.
INSERT INTO verify_calendar (config, day, ends)
SELECT {config:UInt64}, day, ends
FROM
(
    SELECT
        day,
        arrayMax(arrayFilter(at -> toInt32(toDate32(fromUnixTimestamp64Milli(at, {zone:String}))) <= day,
            arrayMap(minute -> (toInt64(day) + 1) * 86400000 - 57600000 + minute * 60000, range(0, 1921)))) + 60000 AS ends,
        lagInFrame(ends, 1, 0) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
    FROM
    (
        SELECT toInt32(arrayJoin(range(toInt32(intDiv(first, 86400000)) - 2, toInt32(intDiv(last, 86400000)) + 2))) AS day
        FROM
        (
            SELECT min(k.watermark) AS first, max(h.clock) AS last
            FROM verify_clocks AS k
            INNER JOIN verify_horizon AS h ON k.partition = h.partition
            WHERE k.clock > 0
        )
        WHERE last > 0
    )
)
WHERE ends > before
