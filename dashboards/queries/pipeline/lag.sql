-- How far the partitions' clocks were behind when their rows were written, by the
-- database's clock: of the slowest and of the middle one. Of imported history it is the
-- age of the history.
SELECT time, max(worst) AS slowest, quantileExact(0.5)(worst) AS middle
FROM
(
    SELECT $__timeInterval(written) AS time, partition, max(greatest(0, dateDiff('millisecond', clock, toDateTime64(written, 3, 'UTC')) / 1000)) AS worst
    FROM pipeline
    WHERE $__timeFilter(written)
    GROUP BY time, partition
)
GROUP BY time
ORDER BY time
