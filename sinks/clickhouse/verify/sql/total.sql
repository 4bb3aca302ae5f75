-- rollups_total by definition: of each slice that a window ending at the
-- window's end covers, the events, and the distinct customers. A window one
-- slide further on has a row as well, be it zero. Who has joined a known customer counts
-- in windows that were final by then, and as the known one in others; where nobody else
-- was, a window that was final may have a row without a figure. Of each length stand its
-- name, length and slide in ms, and from which end on an era covers it.
WITH {windows:Array(Tuple(String, Int64, Int64, Int64))} AS windows
SELECT
    window,
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT listed) AS extra,
    countIf(listed AND found AND (found > 1 OR events != got_events OR customers != got_customers)) AS different,
    groupArrayIf(5)(
        format('partition {}, end {}: events {} and customers {}, want {} and {}',
            toString(partition), toString(fromUnixTimestamp64Milli(end, 'UTC')),
            toString(got_events), toString(got_customers), toString(events), toString(customers)),
        wanted > found OR found > listed OR events != got_events OR customers != got_customers) AS examples
FROM
(
    SELECT window, partition, end, 1 AS listed, max(n > 0 OR if(inside, end, end - slide) > since) AS wanted, sumIf(n, inside) AS events, uniqExactIf(customer, inside AND end > since AND end <= until) AS customers
    FROM
    (
        SELECT window, slide, partition, customer, n, since, until, slice + step * slide AS end, step * slide <= size AS inside
        FROM
        (
            SELECT w.1 AS window, w.2 AS size, w.3 AS slide, partition, customer, intDiv(time, slide) * slide AS slice, sum(event) AS n, since, until
            FROM
            (
                SELECT a.partition AS partition, a.customer AS customer, a.time AS time, 1 AS event, toInt64(-9e15) AS since, multiIf(f.sequence > 0, toInt64(-9e15), a.sequence < l.sequence, l.until, toInt64(9e15)) AS until
                FROM verify_accepted AS a
                LEFT JOIN verify_left AS l ON a.partition = l.partition AND a.customer = l.customer
                LEFT JOIN verify_followed AS f ON a.partition = f.partition AND a.sequence = f.sequence
                WHERE a.partition BETWEEN {low:UInt16} AND {high:UInt16} AND kind NOT IN ('exposure', 'machine')
                UNION ALL
                SELECT partition, customer, time, 0, since, toInt64(9e15)
                FROM verify_came
                WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
            )
            ARRAY JOIN windows AS w
            GROUP BY window, size, slide, partition, customer, slice, since, until
        )
        ARRAY JOIN range(1, intDiv(size, slide) + 2) AS step
    ) AS touched
    INNER JOIN verify_ends AS h ON touched.partition = h.partition
    WHERE end <= h.clock AND end > arrayLast(s -> s.1 < end, h.starts).2[window]
    GROUP BY window, partition, end
) AS w
FULL OUTER JOIN
(
    SELECT toString(window) AS window, partition, toUnixTimestamp64Milli(window_end) AS end, count() AS found, sum(events) AS got_events, sum(customers) AS got_customers
    FROM valid_rollups_total
    WHERE window IN (arrayMap(w -> w.1, windows)) AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(window_end) >= arrayFirst(w -> w.1 = window, windows).4) AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY window, partition, end
) AS g USING (window, partition, end)
GROUP BY window
