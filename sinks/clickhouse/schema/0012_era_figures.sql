-- What panels and alerts read of windows, levels and the pipeline, of the eras
-- that count.

-- clock: up to where every partition of the newest era has published. It is
-- 1970-01-01 before the first rows. The sink writes table pipeline last, so what
-- lies before this clock is there.
CREATE OR REPLACE VIEW v_clock AS
SELECT min(clock) AS clock, min(watermark) AS watermark, count() AS partitions
FROM
(
    SELECT partition, max(clock) AS clock, max(watermark) AS watermark
    FROM pipeline
    WHERE era = (SELECT max(era) FROM pipeline)
    GROUP BY partition
);

-- Up to when what came of something is known, by era: where its slowest
-- partition stands, or where a newer era takes over.
CREATE OR REPLACE VIEW v_era_clocks AS
SELECT
    era,
    least(min(reached), arrayMin(arrayPushBack(
        arrayMap(e -> e.2, arrayFilter(e -> e.1 > era, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''))),
        toDateTime64('2299-12-31 00:00:00', 3, 'UTC')))) AS clock
FROM
(
    SELECT era, partition, max(clock) AS reached
    FROM pipeline
    GROUP BY era, partition
)
GROUP BY era;

-- Events and distinct customers by window. Filter window and window_end.
CREATE OR REPLACE VIEW v_total AS
SELECT window, window_end, sum(events) AS events, sum(customers) AS customers
FROM valid_rollups_total
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end;

-- The same by kind. customers is 0 for exposure and unknown.
CREATE OR REPLACE VIEW v_kind AS
SELECT window, window_end, kind, sum(events) AS events, sum(customers) AS customers
FROM valid_rollups_kind
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, kind;

-- Events by window and channel.
CREATE OR REPLACE VIEW v_channel AS
SELECT window, window_end, channel, sum(events) AS events
FROM valid_rollups_channel
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, channel;

-- Events and values by window, type and currency. value is in units of the
-- currency; values of different currencies don't add up.
CREATE OR REPLACE VIEW v_type AS
SELECT window, window_end, type, currency, sum(events) AS events, sum(value) AS value
FROM valid_rollups_type
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, type, currency;

-- Customers by risk level over time. A partition has rows only for minutes in
-- which something changed, so this adds up the changes. Where a newer era takes
-- over, those of the era before it end.
CREATE OR REPLACE VIEW v_levels AS
SELECT
    time,
    sum(healthy_change) OVER so_far AS healthy,
    sum(cooling_change) OVER so_far AS cooling,
    sum(at_risk_change) OVER so_far AS at_risk,
    sum(lapsed_change) OVER so_far AS lapsed
FROM
(
    SELECT
        time,
        sum(healthy_step) AS healthy_change,
        sum(cooling_step) AS cooling_change,
        sum(at_risk_step) AS at_risk_change,
        sum(lapsed_step) AS lapsed_change
    FROM
    (
        SELECT
            time,
            toInt64(healthy) - toInt64(lagInFrame(healthy, 1, 0) OVER before) AS healthy_step,
            toInt64(cooling) - toInt64(lagInFrame(cooling, 1, 0) OVER before) AS cooling_step,
            toInt64(at_risk) - toInt64(lagInFrame(at_risk, 1, 0) OVER before) AS at_risk_step,
            toInt64(lapsed) - toInt64(lagInFrame(lapsed, 1, 0) OVER before) AS lapsed_step
        FROM
        (
            SELECT era, partition, time, healthy, cooling, at_risk, lapsed
            FROM valid_levels
            UNION ALL
            SELECT
                era, partition,
                arrayMin(arrayMap(e -> e.2, arrayFilter(e -> e.1 > era, (SELECT groupArray((era, since)) FROM v_eras WHERE window = '')))) AS time,
                0 AS healthy, 0 AS cooling, 0 AS at_risk, 0 AS lapsed
            FROM valid_levels
            WHERE era < (SELECT max(era) FROM eras)
            GROUP BY era, partition
        )
        WHERE time <= (SELECT clock FROM v_clock)
        WINDOW before AS (PARTITION BY era, partition ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
    GROUP BY time
)
WINDOW so_far AS (ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- How far each partition has come. lag_seconds is how far its clock is behind
-- the wall clock; in a frozen import it is the age of the history.
CREATE OR REPLACE VIEW v_pipeline AS
SELECT
    partition, clock, watermark,
    (toUnixTimestamp64Milli(now64(3, 'UTC')) - toUnixTimestamp64Milli(clock)) / 1000 AS lag_seconds,
    sequence, processed, duplicates, dead_letters, late_dropped, time
FROM
(
    SELECT *
    FROM pipeline FINAL
    WHERE era = (SELECT max(era) FROM pipeline)
    ORDER BY time DESC
    LIMIT 1 BY partition
);

-- What became of the records, by minute and partition: the counts of the
-- minutes since the partition's row before.
CREATE OR REPLACE VIEW v_pipeline_minutes AS
SELECT
    time, partition, clock, watermark,
    toInt64(processed) - toInt64(lagInFrame(processed, 1, 0) OVER before) AS processed,
    toInt64(duplicates) - toInt64(lagInFrame(duplicates, 1, 0) OVER before) AS duplicates,
    toInt64(dead_letters) - toInt64(lagInFrame(dead_letters, 1, 0) OVER before) AS dead_letters,
    toInt64(late_dropped) - toInt64(lagInFrame(late_dropped, 1, 0) OVER before) AS late_dropped
FROM valid_pipeline
WINDOW before AS (PARTITION BY era, partition ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- Events that came after the allowed lateness. late_seconds is how far their
-- time was behind the partition's clock.
CREATE OR REPLACE VIEW v_late AS
SELECT
    time, clock,
    (toUnixTimestamp64Milli(clock) - toUnixTimestamp64Milli(time)) / 1000 AS late_seconds,
    customer, id, type, partition, sequence
FROM valid_late;

-- Records that were set aside. body is what came, and may be anything.
CREATE OR REPLACE VIEW v_deadletters AS
SELECT time, reason, error, subject, partition, sequence, body
FROM valid_deadletters;

-- The feed now, as a whole (channel all) and by each channel that was ever
-- silent: in how many of the partitions that were it is, since when, and how
-- many events came where how many were expected.
CREATE OR REPLACE VIEW v_feed AS
SELECT
    if(channel = '', 'all', channel) AS channel,
    countIf(state = 'silent') AS silent_partitions,
    count() AS partitions,
    minIf(since, state = 'silent') AS since,
    max(time) AS changed,
    sumIf(observed, state = 'silent') AS observed,
    sumIf(expected, state = 'silent') AS expected
FROM
(
    SELECT *
    FROM feed FINAL
    WHERE era = (SELECT max(era) FROM pipeline)
    ORDER BY time DESC
    LIMIT 1 BY channel, partition
)
GROUP BY channel;
