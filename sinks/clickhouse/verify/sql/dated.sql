-- The events of one configuration on their way to verify_fields: on which day of the
-- calendar each is, by this configuration's time zone, and where the columns begin that
-- hold what is known of its customer, as far as they are kept.
INSERT INTO verify_dated (partition, sequence, customer, day, engages, stage, paid, currency, life, engaged_since, stage_since, spent_since, came)
SELECT
    a.partition, a.sequence, a.customer, toInt32(toDate32(fromUnixTimestamp64Milli(a.time, {zone:String}))),
    a.qualifying AND a.kind != 'exposure', if(a.negative OR a.kind = 'exposure', 'none', toString(a.stage)),
    multiIf(a.money > 0, a.value, a.money < 0, -abs(a.value), 0), a.currency,
    a.life, greatest(toInt64(a.life), k.engaged, left), greatest(toInt64(a.life), k.stage, left), greatest(toInt64(a.life), k.spent, left), 0
FROM
(
    -- Who has joined a known customer begins anew there.
    SELECT e.*, toInt64(if(e.sequence > l.sequence, l.sequence, 0)) AS left
    FROM verify_accepted AS e
    LEFT JOIN verify_left AS l ON e.partition = l.partition AND e.customer = l.customer
    WHERE e.config = {config:UInt64} AND e.partition BETWEEN {low:UInt16} AND {high:UInt16}
) AS a
INNER JOIN (SELECT * FROM verify_begun WHERE config = {config:UInt64}) AS k ON a.partition = k.partition
WHERE a.config = {config:UInt64} AND a.kind != 'machine' AND a.partition BETWEEN {low:UInt16} AND {high:UInt16};

-- And what customers came with that they had done before; see carried.sql.
INSERT INTO verify_dated (partition, sequence, customer, day, engages, stage, paid, currency, life, engaged_since, stage_since, spent_since, came)
SELECT
    partition, sequence, customer, toInt32(toDate32(fromUnixTimestamp64Milli(time, {zone:String}))),
    engaged >= 0, if(staged >= 0, toString(stage), 'none'), if(spent >= 0, paid, 0), currency,
    life, greatest(toInt64(life), engaged), greatest(toInt64(life), staged), greatest(toInt64(life), spent), if(in_stage, 2, 1)
FROM verify_carried
WHERE config = {config:UInt64} AND partition BETWEEN {low:UInt16} AND {high:UInt16}
