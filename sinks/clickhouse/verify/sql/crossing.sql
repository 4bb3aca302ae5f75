INSERT INTO verify_crossing (span, customer, customer_id)
SELECT {span:UInt32}, c.customer, c.customer_id
FROM
(
    SELECT DISTINCT v.customer AS customer
    FROM verify_verdicts AS v
    INNER JOIN verify_parsed AS p ON v.partition = p.partition AND v.sequence = p.sequence
    WHERE v.partition BETWEEN {low:UInt16} AND {high:UInt16} AND p.partition BETWEEN {low:UInt16} AND {high:UInt16}
      AND v.verdict IN ('', 'late') AND p.kind != 'machine' AND p.span < {span:UInt32}
) AS d
INNER JOIN verify_customers AS c ON d.customer = c.customer;

-- And those who bring a history that began before, or of another configuration than
-- theirs.
INSERT INTO verify_crossing (span, customer, customer_id)
SELECT DISTINCT {span:UInt32}, b.customer, c.customer_id
FROM verify_heard_before AS b
INNER JOIN verify_customers AS c ON b.customer = c.customer
INNER JOIN verify_moved AS m ON b.partition = m.partition AND b.sequence = m.sequence
INNER JOIN verify_left AS l ON m.origin = l.partition AND m.joined = l.sequence
INNER JOIN verify_clocks AS x ON l.partition = x.partition AND l.sequence = x.sequence
INNER JOIN verify_verdicts AS v ON l.partition = v.partition AND l.customer = v.customer
INNER JOIN verify_parsed AS p ON v.partition = p.partition AND v.sequence = p.sequence
WHERE b.partition BETWEEN {low:UInt16} AND {high:UInt16}
  AND v.verdict IN ('', 'late') AND p.kind != 'machine' AND p.sequence < l.sequence AND b.span <= {span:UInt32}
  AND (p.span < {span:UInt32} OR p.span != b.span OR x.span != b.span);

INSERT INTO verify_crossing (span, customer, customer_id)
SELECT DISTINCT {span:UInt32}, b.customer, c.customer_id
FROM verify_heard_before AS b
INNER JOIN verify_customers AS c ON b.customer = c.customer
INNER JOIN verify_moved AS m ON b.partition = m.partition AND b.sequence = m.sequence
INNER JOIN verify_parsed AS p ON m.origin = p.partition AND m.joined = p.sequence
WHERE b.partition BETWEEN {low:UInt16} AND {high:UInt16} AND m.anonymous != ''
  AND b.span <= {span:UInt32}
  AND (p.span != b.span OR m.anonymous IN (SELECT customer_id FROM verify_parsed WHERE span < {span:UInt32}))
