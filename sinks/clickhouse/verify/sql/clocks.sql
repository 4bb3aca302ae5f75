-- The clock of a partition is the largest one so far. While an import is open
-- only history moves it; while none is, history has no say but for the mark
-- that opens one.
INSERT INTO verify_clocks (partition, sequence, position, lane, control, open, clock)
SELECT
    partition, sequence, position, lane, control, open,
    max(multiIf(open AND lane != 'h', 0, NOT open AND lane = 'h' AND control != 'start', 0, clock))
        OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
FROM
(
    SELECT
        partition, sequence, position, lane, control, clock,
        ifNull(anyLast(multiIf(started IS NOT NULL, started, ended = last_started, '', NULL))
            OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '') != '' AS open
    FROM
    (
        SELECT
            partition, sequence, lane, control, clock, started, ended,
            row_number() OVER (PARTITION BY partition ORDER BY sequence) AS position,
            anyLast(started) OVER (PARTITION BY partition ORDER BY sequence ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_started
        FROM
        (
            SELECT
                partition, sequence, lane, control, clock,
                if(lane = 'h' AND control = 'start', nullIf(JSONExtractString(body, 'import'), ''), NULL) AS started,
                if(lane IN ('h', 'c') AND control = 'end', JSONExtractString(body, 'import'), NULL) AS ended
            FROM verify_raw
            WHERE partition BETWEEN {low:UInt16} AND {high:UInt16}
        )
    )
)
