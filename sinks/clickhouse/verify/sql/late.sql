-- Table late, row by row.
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND row != got) AS different,
    groupArrayIf(5)(format('sequence {}: {}, want {}', toString(sequence), toString(got), toString(row)), wanted != found OR row != got) AS examples
FROM
(
    SELECT p.sequence AS sequence, 1 AS wanted, (p.partition, p.time, p.clock, p.customer_id, p.id, toString(p.name)) AS row
    FROM verify_parsed AS p
    INNER JOIN verify_verdicts AS v ON p.partition = v.partition AND p.sequence = v.sequence
    INNER JOIN verify_horizon AS h ON p.partition = h.partition
    WHERE v.verdict = 'late' AND p.sequence <= h.sequence
) AS w
FULL OUTER JOIN
(
    SELECT
        l.sequence * 4096 + l.row AS sequence, 1 AS found,
        (partition, toUnixTimestamp64Milli(time), toUnixTimestamp64Milli(clock), customer, id, toString(type)) AS got
    FROM valid_late AS l
    WHERE (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(clock) >= {since:Int64}) AND NOT has({erased:Array(UInt16)}, partition)
) AS g USING (sequence)
