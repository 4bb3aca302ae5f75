-- Where the last cut of each partition lies. Cuts are made before the first
-- live record in a new cut interval, at the start of that interval; after
-- every control record of an import that is no answer of the coordinator; and once cut_records records have come
-- without another cut, at the end of the message that holds the last of them;
-- and before a record that brings another configuration.
INSERT INTO verify_horizon (partition, sequence, clock)
WITH
    -- place is twice the position for a cut after a record, one less for a cut
    -- before it; half of it is how many records lie before the cut.
    places AS
    (
        SELECT
            partition,
            if(lane = 'h', 2 * position, 2 * position - 1) AS place,
            multiIf(lane = 'h', clock, changes, previous, greatest(intDiv(clock, interval) * interval, previous)) AS cut_clock
        FROM
        (
            SELECT
                partition, lane, control, open, clock, position, changes, c.interval AS interval,
                lagInFrame(clock, 1, 0) OVER (PARTITION BY partition ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous
            FROM verify_clocks AS k
            INNER JOIN verify_configs AS c ON k.config = c.version
        )
        WHERE lane = 'h' AND control NOT IN ('', 'model', 'alerts')
           OR lane != 'h' AND NOT open AND position > 1 AND previous < intDiv(clock, interval) * interval
           OR changes AND position > 1
    ),
    latest AS
    (
        SELECT partition, intDiv(max(place), 2) AS records, argMax(cut_clock, place) AS last_clock
        FROM places
        GROUP BY partition
    ),
    counted AS
    (
        SELECT
            k.partition AS partition, k.position AS position, k.sequence AS sequence, k.clock AS clock,
            l.records AS records, l.last_clock AS last_clock, c.cut_records AS cut_records
        FROM verify_clocks AS k
        INNER JOIN (SELECT partition, max(config) AS config FROM verify_clocks GROUP BY partition) AS newest ON k.partition = newest.partition
        INNER JOIN verify_configs AS c ON newest.config = c.version
        LEFT JOIN latest AS l ON k.partition = l.partition
    ),
    -- What lies behind the latest of these cuts, message by message.
    messages AS
    (
        SELECT partition, max(sequence) AS sequence, count() AS rows, argMax(clock, position) AS clock
        FROM counted
        WHERE position > records
        GROUP BY partition, intDiv(counted.sequence, 4096)
    ),
    starts AS
    (
        SELECT partition, maxIf(sequence, position = records) AS sequence, any(last_clock) AS clock, any(cut_records) AS cut_records
        FROM counted
        GROUP BY partition
    )
SELECT partition, cut.2, cut.3
FROM
(
    SELECT
        s.partition AS partition,
        arrayFold((since, m) -> if(since.1 + m.2 >= s.cut_records, (toInt64(0), m.1, m.3), (since.1 + m.2, since.2, since.3)),
            arraySort(groupArrayIf((m.sequence, toInt64(m.rows), m.clock), m.rows > 0)),
            (toInt64(0), any(s.sequence), any(s.clock))) AS cut
    FROM starts AS s
    LEFT JOIN messages AS m ON s.partition = m.partition
    GROUP BY s.partition, s.cut_records
)
WHERE cut.2 > 0
