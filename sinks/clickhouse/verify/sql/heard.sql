-- The events by which customers are heard of, late ones included. fresh is false of those
-- that tell nothing of somebody who is not known: late ones, older than the horizon.
CREATE OR REPLACE VIEW verify_heard AS
SELECT
    p.partition AS partition, v.customer AS customer, p.sequence AS sequence, p.clock AS clock, p.time AS time, h.clock AS until,
    startsWith(p.customer_id, 'anonymous:') AS anonymous,
    p.kind = 'exposure' AS ours,
    c.scanner > 0 AND p.kind IN ('passive', 'micro') AND p.channel IN ('email', 'sms', 'whatsapp', 'rcs', 'push') AND NOT p.negative AS reacts,
    toUInt8(v.verdict = '' OR p.time >= p.clock - c.horizon) AS fresh,
    if(startsWith(p.customer_id, 'anonymous:'), c.stay_anonymous, c.stay) AS stay,
    c.scanner AS scanner, false AS brought
FROM verify_parsed AS p
INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
INNER JOIN verify_horizon AS h ON p.partition = h.partition
INNER JOIN verify_configs AS c ON p.config = c.version
WHERE p.partition BETWEEN {from:UInt16} AND {to:UInt16}
  AND v.partition BETWEEN {from:UInt16} AND {to:UInt16}
  AND v.verdict IN ('', 'late')
  AND p.kind != 'machine'
  AND p.sequence <= h.sequence

UNION ALL
-- What was heard of somebody who is known now tells only of who has not left.
SELECT
    b.partition AS partition, b.customer AS customer, b.sequence AS sequence, b.clock AS clock, b.at.1 AS time, h.clock AS until,
    false AS anonymous, b.at.2 AS ours, false AS reacts, toUInt8(0) AS fresh, c.stay AS stay, c.scanner AS scanner, true AS brought
FROM
(
    SELECT partition, customer, sequence, clock, config, arrayJoin([(heard, false), (message, true)]) AS at
    FROM verify_heard_before
    WHERE partition BETWEEN {from:UInt16} AND {to:UInt16}
) AS b
INNER JOIN verify_horizon AS h ON b.partition = h.partition
INNER JOIN verify_configs AS c ON b.config = c.version
WHERE b.sequence <= h.sequence AND b.at.1 > 0
