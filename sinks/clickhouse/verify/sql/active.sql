-- On which days customers did something, under one configuration's time zone.
INSERT INTO verify_active (partition, customer, since, day, engaged)
SELECT e.partition, e.customer, l.since, e.day, max(e.qualifying)
FROM
(
    SELECT partition, customer, sequence, toInt32(toDate32(fromUnixTimestamp64Milli(time, {zone:String}))) AS day, qualifying
    FROM verify_accepted
    WHERE config = {config:UInt64} AND kind NOT IN ('exposure', 'machine') AND partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since
GROUP BY e.partition, e.customer, l.since, e.day
