-- The events of one configuration on their way to verify_fields: on which day of the
-- calendar each is, by this configuration's time zone, and where the columns begin that
-- hold what is known of its customer, as far as they are kept.
INSERT INTO verify_dated (partition, sequence, customer, day, engages, stage, paid, currency, life, engaged_since, stage_since, spent_since)
SELECT
    a.partition, a.sequence, a.customer, toInt32(toDate32(fromUnixTimestamp64Milli(a.time, {zone:String}))),
    a.qualifying AND a.kind != 'exposure', if(a.negative OR a.kind = 'exposure', 'none', toString(a.stage)),
    multiIf(a.money > 0, a.value, a.money < 0, -abs(a.value), 0), a.currency,
    a.life, greatest(toInt64(a.life), k.engaged), greatest(toInt64(a.life), k.stage), greatest(toInt64(a.life), k.spent)
FROM verify_accepted AS a
INNER JOIN (SELECT * FROM verify_begun WHERE config = {config:UInt64}) AS k ON a.partition = k.partition
WHERE a.config = {config:UInt64} AND a.kind != 'machine' AND a.partition BETWEEN {low:UInt16} AND {high:UInt16}
