-- Customers leave when the clock is as far after their latest event as they are
-- kept. The next event begins anew, unless it is late and older than the horizon:
-- then it tells nothing of somebody who has left.
INSERT INTO verify_lives (partition, customer, sequence, begins, clock)
SELECT partition, customer, event.1, event.2, event.3
FROM
(
    SELECT
        partition, customer,
        arrayJoin((arrayFold(
            (heard, e) -> (
                if(heard.1 < 0 AND e.4 = 0 OR heard.1 >= 0 AND e.2 >= heard.1 + e.5 AND e.4 = 0, heard.1, greatest(heard.1, e.3)),
                if(heard.1 >= 0 AND e.2 >= heard.1 + e.5, arrayPushBack(heard.2, (e.1, e.4, e.2)), heard.2)
            ),
            arraySort(groupArray((sequence, clock, time, fresh, stay))),
            (toInt64(-1), CAST([], 'Array(Tuple(UInt64, UInt8, Int64))'))) AS folded).2) AS event
    FROM
    (
        SELECT
            p.partition AS partition, v.customer AS customer, p.sequence AS sequence, p.clock AS clock, p.time AS time,
            toUInt8(v.verdict = '' OR p.time >= p.clock - {horizon:Int64}) AS fresh,
            if(startsWith(p.customer_id, 'anonymous:'), {stay_anonymous:Int64}, {stay:Int64}) AS stay
        FROM verify_parsed AS p
        INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
        INNER JOIN verify_horizon AS h ON p.partition = h.partition
        WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
          AND v.partition BETWEEN {low:UInt16} AND {high:UInt16}
          AND v.verdict IN ('', 'late')
          AND p.kind != 'machine'
          AND p.sequence <= h.sequence
          AND stay > 0
    )
    GROUP BY partition, customer
    HAVING max(clock) >= min(time) + any(stay)
)
