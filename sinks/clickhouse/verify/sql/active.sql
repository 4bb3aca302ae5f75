-- On which days customers did something, and on which they engaged, under one
-- configuration's time zone: in their life, from where the column begins.
INSERT INTO verify_active (partition, customer, since, sequence, day, engaged)
SELECT e.partition, e.customer, toUInt64(greatest(toInt64(l.since), e.of.2)) AS began, min(e.sequence), e.day, e.of.1
FROM
(
    SELECT
        a.partition AS partition, a.customer AS customer, a.sequence AS sequence, toInt32(toDate32(fromUnixTimestamp64Milli(a.time, {zone:String}))) AS day,
        arrayJoin([(false, k.seen), (true, if(a.qualifying, k.engaged, -1))]) AS of
    FROM verify_accepted AS a
    INNER JOIN (SELECT * FROM verify_begun WHERE config = {config:UInt64}) AS k ON a.partition = k.partition
    WHERE a.config = {config:UInt64} AND a.kind NOT IN ('exposure', 'machine') AND a.partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since
WHERE e.of.2 >= 0
GROUP BY e.partition, e.customer, began, e.day, e.of.1;

-- Who came with what they did before has it from there on; see carried.sql.
INSERT INTO verify_active (partition, customer, since, sequence, day, engaged)
SELECT partition, customer, toUInt64(greatest(toInt64(since), of.2)) AS began, min(sequence), toInt32(toDate32(fromUnixTimestamp64Milli(time, {zone:String}))) AS day, of.1
FROM (SELECT *, arrayJoin([(false, seen), (true, engaged)]) AS of FROM verify_carried)
WHERE config = {config:UInt64} AND partition BETWEEN {low:UInt16} AND {high:UInt16} AND of.2 >= 0
GROUP BY partition, customer, began, day, of.1;

-- What events tell of the customer's stage, and of what they paid.
INSERT INTO verify_told (partition, customer, since, sequence, stage, paid, currency, came)
SELECT e.partition, e.customer, toUInt64(greatest(toInt64(l.since), e.of.1)), e.sequence, e.of.2, e.of.3, e.of.4, 0
FROM
(
    SELECT
        a.partition AS partition, a.customer AS customer, a.sequence AS sequence, if(a.negative, 'none', toString(a.stage)) AS stage,
        multiIf(t.money > 0, a.value, t.money < 0, -abs(a.value), 0) AS paid,
        arrayJoin([
            (if(stage = 'none', -1, k.stage), stage, toInt128(0), ''),
            (if(paid = 0, -1, k.spent), 'none', toInt128(paid), toString(a.currency))]) AS of
    FROM verify_accepted AS a
    INNER JOIN (SELECT * FROM verify_begun WHERE config = {config:UInt64}) AS k ON a.partition = k.partition
    LEFT JOIN (SELECT name, money FROM verify_types WHERE config = {config:UInt64}) AS t ON a.type = t.name
    WHERE a.config = {config:UInt64} AND a.kind != 'machine' AND a.partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since
WHERE e.of.1 >= 0;

INSERT INTO verify_told (partition, customer, since, sequence, stage, paid, currency, came)
SELECT partition, customer, toUInt64(greatest(toInt64(since), of.1)), sequence, of.2, of.3, of.4, if(in_stage, 2, 1)
FROM (SELECT *, arrayJoin([(staged, toString(stage), toInt128(0), ''), (spent, 'none', paid, toString(currency))]) AS of FROM verify_carried)
WHERE config = {config:UInt64} AND partition BETWEEN {low:UInt16} AND {high:UInt16} AND of.1 >= 0;

-- On which channels and devices they were active. Devices are known by a hash.
INSERT INTO verify_places (partition, customer, since, device, place, sequence)
SELECT e.partition, e.customer, toUInt64(greatest(toInt64(l.since), e.begun)) AS began, e.place.1, e.place.2, min(e.sequence)
FROM
(
    SELECT
        a.partition AS partition, a.customer AS customer, a.sequence AS sequence, k.channels AS begun,
        arrayJoin([(false, if(a.channel = 'none', '', toString(a.channel))), (true, if(a.device = '', '', toString(xxh3(a.device) % 65535)))]) AS place
    FROM verify_accepted AS a
    INNER JOIN (SELECT * FROM verify_begun WHERE config = {config:UInt64}) AS k ON a.partition = k.partition
    WHERE a.config = {config:UInt64} AND a.kind NOT IN ('exposure', 'machine') AND a.partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since
WHERE e.place.2 != '' AND e.begun >= 0
GROUP BY e.partition, e.customer, began, e.place;

INSERT INTO verify_places (partition, customer, since, device, place, sequence)
SELECT partition, customer, toUInt64(greatest(toInt64(since), channels)) AS began, on.1, on.2, min(sequence)
FROM
(
    SELECT *, arrayJoin([(false, if(channel = 'none', '', toString(channel))), (true, if(device = '', '', toString(xxh3(device) % 65535)))]) AS on
    FROM verify_carried
)
WHERE config = {config:UInt64} AND partition BETWEEN {low:UInt16} AND {high:UInt16} AND on.2 != '' AND channels >= 0
GROUP BY partition, customer, began, on;

-- What they did of loyalty, attention and action, and what they said.
INSERT INTO verify_deeds (partition, customer, since, sequence, day, week, deed, points, times)
SELECT e.partition, e.customer, toUInt64(greatest(toInt64(l.since), e.of.1)), e.sequence, e.day, e.week, e.of.2, e.of.3, 1
FROM
(
    SELECT
        a.partition AS partition, a.customer AS customer, a.sequence AS sequence, toInt32(toDate32(fromUnixTimestamp64Milli(a.time, {zone:String}))) AS day,
        intDiv(day + 3, 7) AS week,
        a.kind != 'exposure' AS own,
        arrayJoin([
            (if(a.type IN ('loyalty.enrolled', 'points.earned', 'points.redeemed'), k.member, -1), 'loyalty', 0),
            (if(own AND a.type IN ('page.pinged', 'screen.pinged', 'scroll.reached', 'video.progressed'), k.deeds, -1), 'cognitive',
                if(a.type IN ('page.pinged', 'screen.pinged'), 1, toInt32(floor(10 * ifNull(a.progress, 0))))),
            (if(own AND a.kind = 'active' AND NOT a.negative, k.deeds, -1), 'behavioural', 1),
            (if(own AND a.rated, k.deeds, -1), 'emotional', toInt32(a.rating))]) AS of
    FROM verify_accepted AS a
    INNER JOIN (SELECT * FROM verify_begun WHERE config = {config:UInt64}) AS k ON a.partition = k.partition
    WHERE a.config = {config:UInt64} AND a.kind != 'machine' AND a.partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS e
ASOF INNER JOIN verify_lifetimes AS l ON e.partition = l.partition AND e.customer = l.customer AND e.sequence >= l.since
WHERE e.of.1 >= 0;

-- Of opinions of one week it is the sum of the first 255.
INSERT INTO verify_deeds (partition, customer, since, sequence, day, week, deed, points, times)
SELECT partition, customer, began, sequence, newest, week, deed, arraySum(told -> told.2, those), length(those)
FROM
(
    SELECT
        partition, customer, toUInt64(greatest(toInt64(since), of.1)) AS began, sequence, max(day) AS newest, week, of.2 AS deed,
        arraySort(groupArray((place, of.3))) AS all, if(deed = 'emotional', arraySlice(all, 1, 255), all) AS those
    FROM
    (
        SELECT
            *, toInt32(toDate32(fromUnixTimestamp64Milli(time, {zone:String}))) AS day, intDiv(day + 3, 7) AS week,
            arrayJoin([
                (member, 'loyalty', 0),
                (if(type IN ('page.pinged', 'screen.pinged', 'scroll.reached', 'video.progressed'), deeds, -1), 'cognitive',
                    if(type IN ('page.pinged', 'screen.pinged'), 1, toInt32(floor(10 * ifNull(progress, 0))))),
                (if(kind = 'active' AND NOT negative, deeds, -1), 'behavioural', 1),
                (if(rated, deeds, -1), 'emotional', toInt32(rating))]) AS of
        FROM verify_carried
        WHERE config = {config:UInt64} AND partition BETWEEN {low:UInt16} AND {high:UInt16}
    )
    WHERE of.1 >= 0
    GROUP BY partition, customer, began, sequence, week, deed
)
