-- rollups_type by definition, as in total.sql, of what people and the company do.
WITH {windows:Array(Tuple(String, Int64, Int64, Int64))} AS windows
SELECT
    window,
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
    SELECT window, partition, end, type, currency, 1 AS wanted, sumIf(n, inside) AS events, sumIf(total, inside) AS value
    FROM
    (
        SELECT window, partition, type, currency, n, total, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT w.1 AS window, w.2 AS size, w.3 AS slide, partition, type, currency, intDiv(time, slide) * slide AS slice, count() AS n, sum(value) AS total
            FROM verify_accepted
            ARRAY JOIN windows AS w
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16} AND kind != 'machine'
            GROUP BY window, size, slide, partition, type, currency, slice
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends AS h ON touched.partition = h.partition
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2[window]
    GROUP BY window, partition, end, type, currency
) AS w
FULL OUTER JOIN
(
    SELECT toString(window) AS window, partition, toUnixTimestamp64Milli(window_end) AS end, type, currency, count() AS found, sum(events) AS got_events, sum(value_sum) AS got_value
    FROM valid_rollups_type
    WHERE window IN (arrayMap(w -> w.1, windows)) AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= arrayFirst(w -> w.1 = window, windows).4) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY window, partition, end, type, currency
) AS g USING (window, partition, end, type, currency)
GROUP BY window
