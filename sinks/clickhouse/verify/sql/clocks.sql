-- The clock of a partition is the largest one so far. While an import is open
-- only history moves it; while none is, history has no say but for the mark
-- that opens one. What is forged never has a say. What says no clock, or lies
-- beyond its store time and the skew, has no say, and opens and ends nothing. That store times are plausible is taken for granted:
-- of a stream in which ebb held a leap of them, this finds differences.
INSERT INTO verify_clocks (partition, sequence, position, lane, control, open, beyond, clock)
SELECT
    partition, sequence, position, lane, control, open, beyond,
    max(multiIf(forged OR broken OR beyond, 0, open AND lane != 'h', 0, NOT open AND lane = 'h' AND control != 'start', 0, clock))
        OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
FROM
(
    SELECT
        partition, sequence, position, lane, control, forged, broken, clock, beyond,
        ifNull(anyLast(multiIf(started IS NOT NULL, started, ended = last_started, '', NULL))
            OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '') != '' AS open
    FROM
    (
        SELECT
            partition, sequence, lane, control, forged, broken, clock, beyond, started, ended,
            row_number() OVER (PARTITION BY partition ORDER BY sequence) AS position,
            anyLast(started) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_started
        FROM
        (
            SELECT
                partition, sequence, lane, control, forged, broken, clock,
                lane = 'h' AND stored > 0 AND clock > stored + {skew:Int64} AS beyond,
                if(NOT beyond AND NOT broken AND lane = 'h' AND control = 'start', nullIf(JSONExtractString(body, 'import'), ''), NULL) AS started,
                if(NOT beyond AND NOT broken AND lane IN ('h', 'c') AND control = 'end', JSONExtractString(body, 'import'), NULL) AS ended
            FROM verify_raw
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        )
    )
)
