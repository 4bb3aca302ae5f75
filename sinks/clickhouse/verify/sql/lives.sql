-- Customers leave when the clock is as far after their latest event as they are
-- kept. The next event begins anew, unless it is late and older than the horizon:
-- then it tells nothing of somebody who has left. What the company did counts in
-- steps of 2 ms, and what a scanner did, right after it, not at all; see
-- histories.sql. Who was heard of before they were known, and has not left, was heard of
-- then.
INSERT INTO verify_lives (partition, customer, sequence, begins, clock)
SELECT partition, customer, event.1, event.2, event.3
FROM
(
    SELECT
        partition, customer,
        arrayJoin((arrayFold(
            (heard, e) -> (
                if(heard.1 < 0 AND e.4 = 0 OR heard.1 >= 0 AND e.2 >= heard.1 + e.5 AND e.4 = 0
                    OR e.7 AND heard.3 > 0 AND e.3 <= heard.3 + {scanner:Int64} AND (e.3 > heard.3 OR e.3 = heard.3 AND e.3 % 60000 != 0),
                    heard.1, greatest(heard.1, e.3)),
                if(heard.1 >= 0 AND e.2 >= heard.1 + e.5, arrayPushBack(heard.2, (e.1, e.4, e.2)), heard.2),
                if(e.6 AND (e.4 > 0 OR heard.1 >= 0 AND e.2 < heard.1 + e.5), greatest(heard.3, e.3), heard.3)
            ),
            arraySort(groupArray((sequence, clock, if(ours, intDiv(time, 2) * 2, time), fresh, stay, ours, reacts))),
            (toInt64(-1), CAST([], 'Array(Tuple(UInt64, UInt8, Int64))'), toInt64(0))) AS folded).2) AS event
    FROM
    (
        SELECT
            p.partition AS partition, v.customer AS customer, p.sequence AS sequence, p.clock AS clock, p.time AS time,
            p.kind = 'exposure' AS ours,
            {scanner:Int64} > 0 AND p.kind IN ('passive', 'micro') AND p.channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT p.negative AS reacts,
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
          AND p.span = {span:UInt32}
          AND v.customer NOT IN (SELECT customer FROM verify_crossing WHERE span = {span:UInt32})
          AND stay > 0
        UNION ALL
        SELECT partition, customer, sequence, clock, at.1, at.2, false, toUInt8(0), {stay:Int64}
        FROM (SELECT partition, customer, sequence, clock, arrayJoin([(heard, false), (message, true)]) AS at FROM verify_heard_before WHERE span = {span:UInt32})
        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
          AND customer NOT IN (SELECT customer FROM verify_crossing WHERE span = {span:UInt32})
          AND at.1 > 0
          AND {stay:Int64} > 0
    )
    GROUP BY partition, customer
    HAVING max(clock) >= min(time) + any(stay)
)
