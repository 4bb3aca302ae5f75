-- What becomes of each event, in the order in which it is judged: misrouted,
-- too far ahead, late, duplicate. Of those that are in time the first with the
-- same customer, id and time counts.
INSERT INTO verify_verdicts (partition, sequence, verdict, customer)
SELECT
    partition, sequence,
    if(judged = '' AND sequence > minIf(sequence, judged = '') OVER (PARTITION BY partition, customer, id, time), 'duplicate', judged),
    customer
FROM
(
    SELECT
        p.partition AS partition, p.sequence AS sequence, p.id AS id, p.time AS time, c.customer AS customer,
        multiIf(
            p.verdict != '', p.verdict,
            c.home != p.partition, 'misrouted',
            p.time > p.clock + p.skew, 'too_far_ahead',
            p.time < p.watermark, 'late',
            ''
        ) AS judged
    FROM verify_parsed AS p
    LEFT JOIN verify_customers AS c ON p.customer_id = c.customer_id
    WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
)
