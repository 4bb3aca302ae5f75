-- Who counts as somebody else in windows, and from which end on: see verify_joined and
-- verify_moved. Events stay where they are.
INSERT INTO verify_left (partition, customer, sequence, until)
SELECT j.partition, c.customer, j.sequence, k.watermark
FROM verify_joined AS j
INNER JOIN verify_customers AS c ON j.customer_id = c.customer_id
INNER JOIN verify_clocks AS k ON j.partition = k.partition AND j.sequence = k.sequence;

-- What is brought arrives with who has not left by then.
INSERT INTO verify_arrived (partition, customer, sequence)
SELECT partition, customer, arrayJoin(arrayDistinct((arrayFold(
    (s, e) -> (
        if((s.1 < 0 OR e.2 >= s.1 + e.5) AND e.4 = 0 OR e.7 AND s.2 > 0 AND e.3 <= s.2 + e.8 AND (e.3 > s.2 OR e.3 = s.2 AND e.3 % 60000 != 0), s.1, greatest(s.1, e.3)),
        if(e.6 AND (e.4 > 0 OR s.1 >= 0 AND e.2 < s.1 + e.5), greatest(s.2, e.3), s.2),
        if(e.9 AND s.1 >= 0 AND e.2 < s.1 + e.5, arrayPushBack(s.3, e.1), s.3)
    ),
    arraySort(groupArray((sequence, clock, if(ours, intDiv(time, 2) * 2, time), fresh, if(stay = 0, toInt64(9000000000000), stay), ours, reacts, scanner, brought))),
    (toInt64(-1), toInt64(0), CAST([], 'Array(UInt64)'))) AS folded).3))
FROM verify_heard(from = 0, to = 65535)
WHERE (partition, customer) IN (SELECT partition, customer FROM verify_heard_before)
GROUP BY partition, customer;

INSERT INTO verify_came (partition, customer, kind, time, since)
SELECT m.partition, a.customer, e.kind, e.time, m.final
FROM verify_accepted AS e
INNER JOIN verify_left AS l ON e.partition = l.partition AND e.customer = l.customer
INNER JOIN verify_moved AS m ON l.partition = m.origin AND l.sequence = m.joined
INNER JOIN verify_arrived AS a ON m.partition = a.partition AND m.sequence = a.sequence
WHERE m.counts AND e.sequence < l.sequence AND e.kind NOT IN ('exposure', 'machine');

INSERT INTO verify_came (partition, customer, kind, time, since)
SELECT m.partition, a.customer, e.kind, e.time, m.final
FROM verify_accepted AS e
INNER JOIN verify_moved AS m ON e.partition = m.origin AND e.sequence = m.joined
INNER JOIN verify_arrived AS a ON m.partition = a.partition AND m.sequence = a.sequence
WHERE m.counts AND m.anonymous != '' AND e.kind NOT IN ('exposure', 'machine')
