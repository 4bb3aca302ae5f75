INSERT INTO verify_accepted (partition, sequence, span, time, customer, type, kind, channel, qualifying, ends, negative, contacts, trouble, settles, notice, rated, rating, graded, currency, value, paid, config, stage, money, life, score, sentiment, duration, progress, session, device, campaign, message, product, properties)
SELECT p.partition, p.sequence, p.span, p.time, v.customer, p.type, p.kind, p.channel, p.qualifying, p.ends, p.negative, p.contacts, p.trouble, p.settles, p.notice, p.rated, p.rating, p.graded, p.currency, p.value, p.paid, p.config, p.stage, p.money, l.sequence, p.score, p.sentiment, p.duration, p.progress, p.session, p.device, p.campaign, p.message, p.product, p.properties
FROM verify_parsed AS p
INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
INNER JOIN verify_horizon AS h ON p.partition = h.partition
ASOF LEFT JOIN verify_lived AS l ON p.partition = l.partition AND v.customer = l.customer AND p.sequence >= l.sequence
WHERE p.partition BETWEEN {low:UInt16} AND {high:UInt16}
  AND v.partition BETWEEN {low:UInt16} AND {high:UInt16}
  AND v.verdict = ''
  AND p.sequence <= h.sequence
