-- The clock of a partition is the largest one so far. While an import is open
-- only history moves it; while none is, history has no say but for the mark
-- that opens one. What is forged never has a say, nor has a configuration. What
-- says no clock, or lies beyond its store time and the skew, has no say, and opens
-- and ends nothing.
-- That store times are plausible is taken for granted: of a stream in which ebb
-- held a leap of them, this finds differences.
--
-- A configuration record is in force from itself on if it can be read, and its
-- version is above the one before. The watermark never goes back.
INSERT INTO verify_clocks (partition, sequence, position, lane, control, open, beyond, clock, config, changes, watermark, span)
SELECT
    k.partition, k.sequence, k.position, k.lane, k.control, k.open, k.beyond, k.clock, k.config, k.changes,
    max(k.clock - k.lateness) OVER (PARTITION BY k.partition ORDER BY k.sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    sum(toUInt32(k.changes AND k.story_before NOT IN (0, k.story))) OVER (PARTITION BY k.partition ORDER BY k.sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
FROM
(
    SELECT
        partition, sequence, position, lane, control, open, beyond, config, changes, lateness, story,
        lagInFrame(story, 1, 0) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS story_before,
        max(multiIf(forged OR broken OR beyond OR control = 'config', 0, open AND lane != 'h', 0, NOT open AND lane = 'h' AND control != 'start', 0, clock))
            OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS clock
    FROM
    (
        SELECT
            partition, sequence, position, lane, control, forged, broken, clock, beyond, config, changes, lateness, story,
            ifNull(anyLast(multiIf(started IS NOT NULL, started, ended = last_started, '', NULL))
                OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '') != '' AS open
        FROM
        (
            SELECT
                partition, sequence, lane, control, forged, broken, clock, beyond, started, ended, config, changes, lateness, story,
                row_number() OVER (PARTITION BY partition ORDER BY sequence) AS position,
                anyLast(started) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_started
            FROM
            (
                SELECT
                    r.partition AS partition, r.sequence AS sequence, r.lane AS lane, r.control AS control, r.forged AS forged, r.broken AS broken, r.clock AS clock,
                    r.config AS config, r.announced = r.config AND r.config > r.former AS changes, c.lateness AS lateness, c.story AS story,
                    lane = 'h' AND r.stored > 0 AND clock > r.stored + c.skew AS beyond,
                    if(NOT beyond AND NOT r.broken AND lane = 'h' AND control = 'start', nullIf(JSONExtractString(r.body, 'import'), ''), NULL) AS started,
                    if(NOT beyond AND NOT r.broken AND lane IN ('h', 'c') AND control = 'end', JSONExtractString(r.body, 'import'), NULL) AS ended
                FROM
                (
                    SELECT
                        partition, sequence, lane, control, forged, broken, clock, stored, if(control IN ('start', 'end'), body, '') AS body,
                        if(lane = 'c' AND control = 'config' AND isValidJSON(raw.body) AND JSONExtractUInt(raw.body, 'version') IN (SELECT version FROM verify_configs),
                            JSONExtractUInt(raw.body, 'version'), 0) AS announced,
                        greatest({version:UInt64}, max(announced) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS config,
                        greatest({version:UInt64}, max(announced) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS former
                    FROM verify_raw AS raw
                    WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
                ) AS r
                INNER JOIN verify_configs AS c ON r.config = c.version
            )
        )
    )
) AS k
