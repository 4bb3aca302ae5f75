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
INNER JOIN verify_customers AS c ON d.customer = c.customer
