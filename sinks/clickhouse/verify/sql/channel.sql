-- rollups_channel by definition, as in total.sql.
WITH
    {size:Int64} AS size,
    {slide:Int64} AS slide
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR events != got_events)) AS different,
    groupArrayIf(5)(
        format('partition {}, end {}, channel {}: events {}, want {}',
            toString(partition), toString(fromUnixTimestamp64Milli(end, 'UTC')), channel,
            toString(got_events), toString(events)),
        wanted != found OR events != got_events) AS examples
FROM
(
    SELECT partition, end, channel, 1 AS wanted, sumIf(n, inside) AS events
    FROM
    (
        SELECT partition, channel, n, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT partition, channel, intDiv(time, slide) * slide AS slice, count() AS n
            FROM verify_accepted
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND kind NOT IN ('exposure', 'machine')
            GROUP BY partition, channel, slice
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends(window = {window:String}) AS h ON touched.partition = h.partition
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2
    GROUP BY partition, end, channel
) AS w
FULL OUTER JOIN
(
    SELECT partition, toUnixTimestamp64Milli(window_end) AS end, channel, count() AS found, sum(events) AS got_events
    FROM valid_rollups_channel
    WHERE window = {window:String} AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= {since:Int64}) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, end, channel
) AS g USING (partition, end, channel)
