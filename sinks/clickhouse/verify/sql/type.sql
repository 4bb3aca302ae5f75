-- rollups_type by definition, as in total.sql, of what people and the company do.
WITH
    {size:Int64} AS size,
    {slide:Int64} AS slide
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR events != got_events OR value != got_value)) AS different,
    groupArrayIf(5)(
        format('partition {}, end {}, type {}, currency {}: events {} and value {}, want {} and {}',
            toString(partition), toString(fromUnixTimestamp64Milli(end, 'UTC')), type, currency,
            toString(got_events), toString(got_value), toString(events), toString(value)),
        wanted != found OR events != got_events OR value != got_value) AS examples
FROM
(
    SELECT partition, end, type, currency, 1 AS wanted, sumIf(n, inside) AS events, sumIf(total, inside) AS value
    FROM
    (
        SELECT partition, type, currency, n, total, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT partition, type, currency, intDiv(time, slide) * slide AS slice, count() AS n, sum(value) AS total
            FROM verify_accepted
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND kind != 'machine'
            GROUP BY partition, type, currency, slice
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends(window = {window:String}) AS h ON touched.partition = h.partition
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2
    GROUP BY partition, end, type, currency
) AS w
FULL OUTER JOIN
(
    SELECT partition, toUnixTimestamp64Milli(window_end) AS end, type, currency, count() AS found, sum(events) AS got_events, sum(value_sum) AS got_value
    FROM valid_rollups_type
    WHERE window = {window:String} AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= {since:Int64}) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, end, type, currency
) AS g USING (partition, end, type, currency)
