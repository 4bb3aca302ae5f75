-- rollups_kind by definition, as in total.sql. Customers are not counted for
-- exposure, unknown and machine.
WITH
    {size:Int64} AS size,
    {slide:Int64} AS slide
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND (found > 1 OR events != got_events OR customers != got_customers)) AS different,
    groupArrayIf(5)(
        format('partition {}, end {}, kind {}: events {} and customers {}, want {} and {}',
            toString(partition), toString(fromUnixTimestamp64Milli(end, 'UTC')), kind,
            toString(got_events), toString(got_customers), toString(events), toString(customers)),
        wanted != found OR events != got_events OR customers != got_customers) AS examples
FROM
(
    SELECT
        partition, end, kind, 1 AS wanted, sumIf(n, inside) AS events,
        uniqExactIf(customer, inside AND kind NOT IN ('exposure', 'unknown', 'machine')) AS customers
    FROM
    (
        SELECT partition, customer, kind, n, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT partition, customer, kind, intDiv(time, slide) * slide AS slice, count() AS n
            FROM verify_accepted
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
            GROUP BY partition, customer, kind, slice
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends(window = {window:String}) AS h ON touched.partition = h.partition
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2
    GROUP BY partition, end, kind
) AS w
FULL OUTER JOIN
(
    SELECT partition, toUnixTimestamp64Milli(window_end) AS end, kind, count() AS found, sum(events) AS got_events, sum(customers) AS got_customers
    FROM valid_rollups_kind
    WHERE window = {window:String} AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= {since:Int64}) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, end, kind
) AS g USING (partition, end, kind)
