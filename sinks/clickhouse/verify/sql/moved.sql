-- Who counts as somebody else in windows, and from which end on: see verify_joined and
-- verify_moved. Events stay where they are.
INSERT INTO verify_left (partition, customer, sequence, until)
SELECT j.partition, c.customer, j.sequence, k.watermark
FROM verify_joined AS j
INNER JOIN verify_customers AS c ON j.customer_id = c.customer_id
INNER JOIN verify_clocks AS k ON j.partition = k.partition AND j.sequence = k.sequence;

INSERT INTO verify_came (partition, customer, kind, time, since)
SELECT m.partition, k.customer, e.kind, e.time, m.final
FROM verify_accepted AS e
INNER JOIN verify_left AS l ON e.partition = l.partition AND e.customer = l.customer
INNER JOIN verify_moved AS m ON l.partition = m.origin AND l.sequence = m.joined
INNER JOIN verify_joined AS j ON l.partition = j.partition AND l.sequence = j.sequence
INNER JOIN verify_customers AS k ON j.known = k.customer_id AND m.partition = k.home
WHERE e.sequence < l.sequence AND e.kind NOT IN ('exposure', 'machine')
