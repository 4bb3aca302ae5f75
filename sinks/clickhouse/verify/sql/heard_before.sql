-- When customers were heard of under an anonymous id, and when they were last sent a
-- message, as far as it goes over to who they are; see verify_moved and lives.sql. Whoever
-- had left as an anonymous one by the record that joins them brings nothing.
INSERT INTO verify_heard_before (partition, customer, sequence, clock, config, span, heard, message)
SELECT m.partition, k.customer, m.sequence, c.clock, c.config, c.span, a.told.1, a.told.2
FROM
(
    SELECT
        j.partition AS partition, j.sequence AS sequence, any(j.known) AS known, any(j.clock) AS clock, any(e.stay) AS stay,
        arrayFold(
            (s, e) -> (
                if((s.1 < 0 OR e.2 >= s.1 + e.5) AND e.4 = 0
                    OR e.7 AND s.2 > 0 AND e.3 <= s.2 + e.8 AND (e.3 > s.2 OR e.3 = s.2 AND e.3 % 60000 != 0),
                    s.1, greatest(if(e.2 >= s.1 + e.5, -1, s.1), e.3)),
                if(e.6 AND (e.4 > 0 OR s.1 >= 0 AND e.2 < s.1 + e.5), greatest(s.2, e.3), s.2)
            ),
            arraySort(groupArray((e.sequence, e.clock, if(e.ours, intDiv(e.time, 2) * 2, e.time), e.fresh, e.stay, e.ours, e.reacts, e.scanner))),
            (toInt64(-1), toInt64(0))) AS told
    FROM
    (
        SELECT w.partition AS partition, w.sequence AS sequence, w.known AS known, n.customer AS customer, x.clock AS clock
        FROM verify_joined AS w
        INNER JOIN verify_customers AS n ON w.customer_id = n.customer_id
        INNER JOIN verify_clocks AS x ON w.partition = x.partition AND w.sequence = x.sequence
    ) AS j
    INNER JOIN
    (
        -- Who never leaves stays for longer than there is time.
        SELECT * REPLACE (if(stay = 0, toInt64(9000000000000), stay) AS stay)
        FROM verify_heard(from = 0, to = 65535)
        WHERE anonymous
    ) AS e ON j.partition = e.partition AND j.customer = e.customer
    WHERE e.sequence < j.sequence
    GROUP BY j.partition, j.sequence
    HAVING told.1 >= 0 AND clock < told.1 + stay
) AS a
INNER JOIN verify_moved AS m ON a.partition = m.origin AND a.sequence = m.joined
INNER JOIN verify_customers AS k ON a.known = k.customer_id AND m.partition = k.home
INNER JOIN verify_clocks AS c ON m.partition = c.partition AND m.sequence = c.sequence
;

-- And by each event that follows them later.
INSERT INTO verify_heard_before (partition, customer, sequence, clock, config, span, heard, message)
SELECT m.partition, m.customer, m.sequence, c.clock, c.config, c.span, if(e.scanned, 0, e.time), if(e.ours, e.time, 0)
FROM
(
    SELECT m.*, d.customer AS customer
    FROM verify_moved AS m
    ASOF INNER JOIN verify_devices AS d ON m.partition = d.partition AND m.anonymous = d.customer_id AND m.sequence > d.sequence
    WHERE m.anonymous != ''
) AS m
INNER JOIN
(
    SELECT
        partition, sequence, ours, if(ours, intDiv(time, 2) * 2, time) AS time,
        max(if(ours, intDiv(time, 2) * 2, 0)) OVER (PARTITION BY partition, customer ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS message,
        reacts AND message > 0 AND time <= message + scanner AND (time > message OR time = message AND time % 60000 != 0) AS scanned
    FROM verify_heard(from = 0, to = 65535)
    WHERE anonymous
) AS e ON m.origin = e.partition AND m.joined = e.sequence
INNER JOIN verify_clocks AS c ON m.partition = c.partition AND m.sequence = c.sequence
