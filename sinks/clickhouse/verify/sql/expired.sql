-- What imports say of retention: rows of windows of a length that end by a
-- time are not produced. Of all starts of imports the last one before a
-- window's end has the say.
INSERT INTO verify_expired (partition, clock, until)
SELECT partition, clock, argMax(until, sequence)
FROM
(
    SELECT
        r.partition AS partition, r.sequence AS sequence, k.clock AS clock,
        mapApply((window, at) -> (window, greatest(at, 0)), JSONExtract(r.body, 'expired', 'Map(String, Int64)')) AS until
    FROM verify_raw AS r
    INNER JOIN verify_clocks AS k ON r.partition = k.partition AND r.sequence = k.sequence
    WHERE r.lane = 'h' AND r.control = 'start' AND NOT k.open AND NOT k.beyond AND NOT r.broken AND JSONExtractString(r.body, 'import') != ''
)
GROUP BY partition, clock;

-- By partition the ends that windows may have: up to the clock of the last cut, and
-- behind what the imports say of their length.
CREATE OR REPLACE VIEW verify_ends AS
SELECT a.partition AS partition, a.clock AS clock, b.starts AS starts
FROM verify_horizon AS a
LEFT JOIN
(
    SELECT partition, arraySort(start -> start.1, groupArray((clock, until))) AS starts
    FROM verify_expired
    GROUP BY partition
) AS b ON a.partition = b.partition
