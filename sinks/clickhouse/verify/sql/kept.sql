-- A column is kept under the configurations whose metrics read it, and begins anew with
-- the first of them behind one that does not.
INSERT INTO verify_kept (partition, config, column, since)
SELECT partition, config, column, since
FROM
(
    SELECT *, max(begins) OVER (PARTITION BY partition, column ORDER BY config ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS since
    FROM
    (
        SELECT
            partition, config, column, kept,
            if(kept AND NOT lagInFrame(kept, 1, true) OVER (PARTITION BY partition, column ORDER BY config ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), low, 0) AS begins
        FROM
        (
            SELECT c.partition AS partition, c.config AS config, c.low AS low, r.column AS column, (config, column) IN (SELECT config, column FROM verify_reads) AS kept
            FROM (SELECT partition, config, min(sequence) AS low FROM verify_clocks GROUP BY partition, config) AS c
            CROSS JOIN (SELECT DISTINCT column FROM verify_reads) AS r
        )
    )
)
WHERE kept;

INSERT INTO verify_begun (partition, config, seen, engaged, stage, spent, channels, member, deeds)
SELECT
    partition, config, maxIf(since, column = 'days_seen'), maxIf(since, column = 'days_engaged'), maxIf(since, column = 'stage'),
    maxIf(since, column = 'spent'), maxIf(since, column = 'channels'), maxIf(since, column = 'member'), maxIf(since, column = 'deeds')
FROM
(
    SELECT partition, config, column, toInt64(since) AS since
    FROM verify_kept
    UNION ALL
    SELECT partition, config, arrayJoin(['days_seen', 'days_engaged', 'stage', 'spent', 'channels', 'member', 'deeds']), -1
    FROM (SELECT DISTINCT partition, config FROM verify_clocks)
)
GROUP BY partition, config
