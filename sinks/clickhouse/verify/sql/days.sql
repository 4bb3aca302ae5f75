-- Of each partition the days that it has counted: at which of its records, the last
-- one before the watermark reaches the end, or the one that brought the configuration
-- where it was there already; at most 3660 days back. Which days one configuration
-- has counted, the next does not count again.
INSERT INTO verify_days (partition, day, ends, sequence, clock, config)
SELECT partition, day, ends, position, at, {config:UInt64}
FROM
(
    SELECT
        w.partition AS partition, c.day AS day, c.ends AS ends,
        greatest(w.sequence, s.low) AS position,
        greatest(c.ends + s.lateness, if(w.sequence < s.low, s.low_clock, w.clock)) AS at,
        if(position < s.high, w.next, h.clock - s.lateness) AS reached,
        s.high AS high, s.low AS low, h.clock AS until, s.lateness AS lateness, s.newest AS newest, s.first AS first
    FROM
    (
        SELECT partition, day, ends
        FROM (SELECT DISTINCT partition FROM verify_clocks WHERE config = {config:UInt64} AND partition BETWEEN {low:UInt16} AND {high:UInt16}) AS p
        CROSS JOIN (SELECT day, ends FROM verify_calendar WHERE config = {config:UInt64}) AS d
    ) AS c
    ASOF INNER JOIN
    (
        SELECT known.partition AS partition, known.watermark AS watermark, max(known.sequence) AS sequence, argMax(known.clock, known.sequence) AS clock, argMax(known.following, known.sequence) AS next
        FROM
        (
            SELECT k.partition AS partition, k.sequence AS sequence, k.clock AS clock, k.watermark AS watermark,
                leadInFrame(k.watermark, 1, k.watermark) OVER (PARTITION BY k.partition ORDER BY k.sequence ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS following
            FROM verify_clocks AS k
            INNER JOIN verify_horizon AS h ON k.partition = h.partition
            WHERE k.clock > 0 AND k.sequence <= h.sequence AND k.partition BETWEEN {low:UInt16} AND {high:UInt16}
        ) AS known
        GROUP BY known.partition, known.watermark
    ) AS w ON c.partition = w.partition AND c.ends > w.watermark
    INNER JOIN
    (
        SELECT
            k.partition AS partition,
            minIf(k.sequence, k.config = {config:UInt64}) AS low,
            maxIf(k.sequence, k.config = {config:UInt64}) AS high,
            argMinIf(k.clock, k.sequence, k.config = {config:UInt64}) AS low_clock,
            max(k.config) = {config:UInt64} AS newest,
            min(k.watermark) AS first,
            any(f.lateness) AS lateness
        FROM verify_clocks AS k
        INNER JOIN verify_horizon AS h ON k.partition = h.partition
        INNER JOIN (SELECT lateness FROM verify_configs WHERE version = {config:UInt64}) AS f ON true
        WHERE k.clock > 0 AND k.sequence <= h.sequence AND k.partition BETWEEN {low:UInt16} AND {high:UInt16}
        GROUP BY k.partition
    ) AS s ON c.partition = s.partition
    INNER JOIN verify_horizon AS h ON c.partition = h.partition
)
WHERE high > 0 AND position <= high AND ends > first
  AND (position < high OR newest AND until >= ends + lateness)
  AND toInt32(toDate32(fromUnixTimestamp64Milli(reached, {zone:String}))) <= day + 3660
  AND (partition, day) NOT IN (SELECT partition, day FROM verify_days)
