-- Every customer on every day that was counted, and one row for nobody, with customer 0,
-- where somebody was there: how many days before it they did something, and engaged, each
-- as far back as a census looks, and when they first engaged, -1 where they had not. A day
-- stands once, whatever configurations were in force on it.
INSERT INTO verify_people (partition, day, customer, seen, engaged, first, recency, stage, furthest, spent, currency, level, channels, devices, sequence, member, deeds)
WITH ['none', 'awareness', 'consideration', 'preference', 'purchase', 'loyalty'] AS names
SELECT
    p.partition, p.day, p.customer,
    arrayFilter(ago -> ago BETWEEN 0 AND 90, arrayMap(on -> p.day - on.1, arrayFilter(on -> on.2 <= p.sequence, a.days))),
    arrayFilter(ago -> ago BETWEEN 0 AND 90, arrayMap(at -> p.day - at, arrayMap(on -> on.1, arrayFilter(on -> on.2 <= p.sequence, g.days)) AS engaging)),
    if(notEmpty(engaging) AND arrayMin(engaging) <= p.day, arrayMin(engaging), -1),
    arrayMin(arrayPushBack(arrayFilter(ago -> ago >= 0, arrayMap(at -> p.day - at, engaging)), 1000000)),
    -- Who was nowhere is where the first one was who they were before.
    names[multiIf((arrayLast(told -> told.1 <= p.sequence AND told.3 = 0, t.stages).2 AS own) > 0, own,
        (arrayFirst(told -> told.1 <= p.sequence AND told.3 = 2, t.stages).2 AS brought) > 0, brought, 1)],
    names[arrayMax(arrayPushBack(arrayMap(told -> told.2, arrayFilter(told -> told.1 <= p.sequence, t.stages)), 1))],
    arraySum(arrayMap(told -> told.2, arrayFilter(told -> told.1 <= p.sequence AND told.3 = m.payments[1].3, m.payments))),
    if(m.payments[1].1 <= p.sequence, m.payments[1].3, ''),
    arrayPushFront(arrayFilter(told -> told.1 >= p.since AND told.1 <= p.sequence AND told.2 <= p.clock, s.levels), (0, 0, 'healthy', 0))[-1].3,
    arrayCount(at -> at <= p.sequence, c.channels), arrayCount(at -> at <= p.sequence, c.devices),
    p.sequence, p.begun[6], p.begun[7]
FROM
(
    SELECT
        d.partition AS partition, d.day AS day, d.sequence AS sequence, d.clock AS clock, l.customer AS customer, l.since AS since,
        arrayMap(begun -> toUInt64(greatest(toInt64(l.since), begun)), [b.seen, b.engaged, b.stage, b.spent, b.channels, b.member, b.deeds]) AS begun
    FROM verify_days AS d
    INNER JOIN verify_begun AS b ON d.partition = b.partition AND d.config = b.config
    INNER JOIN verify_lifetimes AS l ON d.partition = l.partition
    INNER JOIN verify_configs AS c ON d.config = c.version
    -- Who has joined a known customer is none any more.
    LEFT JOIN
    (
        SELECT n.customer AS customer, w.sequence AS sequence
        FROM verify_joined AS w
        INNER JOIN verify_customers AS n ON w.customer_id = n.customer_id
    ) AS j ON l.customer = j.customer
    WHERE d.partition BETWEEN {low:UInt16} AND {high:UInt16}
      AND l.since <= d.sequence AND d.sequence < l.next
      AND (j.sequence = 0 OR d.sequence < j.sequence)
      AND (if(l.anonymous, c.stay_anonymous, c.stay) = 0 OR d.clock < l.heard + if(l.anonymous, c.stay_anonymous, c.stay))
) AS p
LEFT JOIN
(
    SELECT partition, customer, since, groupArray((day, known)) AS days
    FROM
    (
        SELECT partition, customer, since, day, min(sequence) AS known
        FROM verify_active
        WHERE NOT engaged AND partition BETWEEN {low:UInt16} AND {high:UInt16}
        GROUP BY partition, customer, since, day
    )
    GROUP BY partition, customer, since
) AS a ON p.partition = a.partition AND p.customer = a.customer AND p.begun[1] = a.since
LEFT JOIN
(
    SELECT partition, customer, since, groupArray((day, known)) AS days
    FROM
    (
        SELECT partition, customer, since, day, min(sequence) AS known
        FROM verify_active
        WHERE engaged AND partition BETWEEN {low:UInt16} AND {high:UInt16}
        GROUP BY partition, customer, since, day
    )
    GROUP BY partition, customer, since
) AS g ON p.partition = g.partition AND p.customer = g.customer AND p.begun[2] = g.since
LEFT JOIN
(
    SELECT
        partition, customer, since,
        arraySort(groupArray((sequence, indexOf(['none', 'awareness', 'consideration', 'preference', 'purchase', 'loyalty'], stage), came))) AS stages
    FROM verify_told
    WHERE stage != 'none' AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, customer, since
) AS t ON p.partition = t.partition AND p.customer = t.customer AND p.begun[3] = t.since
LEFT JOIN
(
    SELECT partition, customer, since, arraySort(groupArray((sequence, paid, currency))) AS payments
    FROM verify_told
    WHERE paid != 0 AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    GROUP BY partition, customer, since
) AS m ON p.partition = m.partition AND p.customer = m.customer AND p.begun[4] = m.since
LEFT JOIN
(
    SELECT c.customer AS customer, arraySort(told -> (told.1, told.4), groupArray((v.sequence * 4096 + v.row, toUnixTimestamp64Milli(v.at), toString(v.level), v.episode))) AS levels
    FROM valid_signals AS v
    INNER JOIN verify_customers AS c ON v.customer = c.customer_id
    WHERE v.partition BETWEEN {low:UInt16} AND {high:UInt16} AND v.era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') AND v.signal IN ('raised', 'cleared')
    GROUP BY c.customer
) AS s ON p.customer = s.customer
LEFT JOIN
(
    SELECT partition, customer, since, groupArrayIf(first, NOT device) AS channels, groupArrayIf(first, device) AS devices
    FROM
    (
        SELECT partition, customer, since, device, place, min(sequence) AS first
        FROM verify_places
        WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        GROUP BY partition, customer, since, device, place
    )
    GROUP BY partition, customer, since
) AS c ON p.partition = c.partition AND p.customer = c.customer AND p.begun[5] = c.since;

INSERT INTO verify_people (partition, day, customer, seen, engaged, first, recency, stage, furthest, spent, currency, level, channels, devices, sequence, member, deeds)
SELECT DISTINCT partition, day, 0, [], [], -1, 0, '', '', 0, '', '', 0, 0, 0, 0, 0
FROM verify_people
WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
