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
;

-- What events tell of the customer's stage and payments.
INSERT INTO verify_told (partition, customer, since, sequence, stage, paid, currency)
SELECT e.partition, e.customer, l.since, e.sequence, e.stage, e.paid, e.currency
FROM
(
    SELECT
        a.partition AS partition, a.customer AS customer, a.sequence AS sequence, if(a.negative, 'none', toString(a.stage)) AS stage,
        multiIf(t.money > 0, a.value, t.money < 0, -abs(a.value), 0) AS paid, toString(a.currency) AS currency
    FROM verify_accepted AS a
    LEFT JOIN (SELECT name, money FROM verify_types WHERE config = {config:UInt64}) AS t ON a.type = t.name
    WHERE a.config = {config:UInt64} AND a.kind != 'machine' AND a.partition BETWEEN {low:UInt16} AND {high:UInt16}
      AND (stage != 'none' OR paid != 0)
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since;

-- On which channels and devices they were active. Devices are known by a hash.
INSERT INTO verify_places (partition, customer, since, device, place, sequence)
SELECT e.partition, e.customer, l.since, e.place.1, e.place.2, min(e.sequence)
FROM
(
    SELECT partition, customer, sequence, arrayJoin([(false, if(channel = 'none', '', toString(channel))), (true, if(device = '', '', toString(xxh3(device) % 65535)))]) AS place
    FROM verify_accepted
    WHERE config = {config:UInt64} AND kind NOT IN ('exposure', 'machine') AND partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since
WHERE e.place.2 != ''
GROUP BY e.partition, e.customer, l.since, e.place
