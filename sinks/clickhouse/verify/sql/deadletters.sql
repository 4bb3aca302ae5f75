-- Table deadletters, row by row, but for messages that the sink set aside:
-- those are not of the input. Control records are refused when their type is
-- not known or their body is no JSON.
SELECT
    countIf(wanted AND found) AS compared,
    countIf(wanted AND NOT found) AS missing,
    countIf(found AND NOT wanted) AS extra,
    countIf(wanted AND found AND row != got) AS different,
    groupArrayIf(5)(format('sequence {}: {} {}, want {} {}', toString(sequence), found_reason, toString(got), reason, toString(row)),
        wanted != found OR row != got) AS examples
FROM
(
    SELECT r.sequence AS sequence, 1 AS wanted, v.verdict AS reason, (v.verdict, r.partition, if(k.clock = 0, r.clock, k.clock), hex(sipHash128(r.body))) AS row
    FROM verify_raw AS r
    INNER JOIN
    (
        SELECT partition, sequence, toString(verdict) AS verdict
        FROM verify_verdicts
        WHERE verdict NOT IN ('', 'late', 'duplicate')
        UNION ALL
        SELECT partition, sequence, verdict
        FROM verify_refused_controls
    ) AS v ON r.partition = v.partition AND r.sequence = v.sequence
    INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
    INNER JOIN verify_horizon AS h ON r.partition = h.partition
    WHERE r.sequence <= h.sequence
) AS w
FULL OUTER JOIN
(
    SELECT
        d.sequence * 4096 + d.row AS sequence, 1 AS found, toString(reason) AS found_reason,
        (toString(reason), partition, toUnixTimestamp64Milli(time), hex(sipHash128(body))) AS got
    FROM valid_deadletters AS d
    WHERE reason != 'sink_refused' AND (era = fromUnixTimestamp64Milli({era:Int64}, 'UTC') OR toUnixTimestamp64Milli(time) >= {since:Int64}) AND NOT has({erased:Array(UInt16)}, partition)
) AS g USING (sequence)
