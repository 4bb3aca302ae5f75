-- What panels and alerts read. The views remove rows that a later version
-- replaced, add up the partitions, and end at the smallest clock over the
-- partitions, so that the newest window is never half a figure.

-- clock: up to where every partition has published. It is 1970-01-01 before
-- the first rows. The sink writes table pipeline last, so what lies before
-- this clock is there.
CREATE OR REPLACE VIEW v_clock AS
SELECT min(clock) AS clock, min(watermark) AS watermark, count() AS partitions
FROM
(
    SELECT partition, max(clock) AS clock, max(watermark) AS watermark
    FROM pipeline
    GROUP BY partition
);

-- Events and distinct customers by window. Filter window and window_end.
CREATE OR REPLACE VIEW v_total AS
SELECT window, window_end, sum(events) AS events, sum(customers) AS customers
FROM rollups_total FINAL
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end;

-- The same by kind. customers is 0 for exposure and unknown.
CREATE OR REPLACE VIEW v_kind AS
SELECT window, window_end, kind, sum(events) AS events, sum(customers) AS customers
FROM rollups_kind FINAL
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, kind;

-- Events by window and channel.
CREATE OR REPLACE VIEW v_channel AS
SELECT window, window_end, channel, sum(events) AS events
FROM rollups_channel FINAL
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, channel;

-- Events and values by window, type and currency. value is in units of the
-- currency; values of different currencies don't add up.
CREATE OR REPLACE VIEW v_type AS
SELECT window, window_end, type, currency, sum(events) AS events, sum(value) AS value
FROM rollups_type FINAL
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, type, currency;

-- Customers by risk level over time. A partition has rows only for minutes in
-- which something changed, so this adds up the changes.
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
        FROM levels FINAL
        WHERE time <= (SELECT clock FROM v_clock)
        WINDOW before AS (PARTITION BY partition ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
    GROUP BY time
)
WINDOW so_far AS (ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- Every change of level, with its reasons in words.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    episode, partition, sequence, version
FROM signals FINAL;

-- Customers who are at risk or lapsed now, one row each.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT
    customer, level, previous, at, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    episode, partition
FROM
(
    SELECT *
    FROM signals FINAL
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
)
WHERE level IN ('at_risk', 'lapsed');

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
FROM pipeline FINAL
WINDOW before AS (PARTITION BY partition ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- Events that came after the allowed lateness. late_seconds is how far their
-- time was behind the partition's clock.
CREATE OR REPLACE VIEW v_late AS
SELECT
    time, clock,
    (toUnixTimestamp64Milli(clock) - toUnixTimestamp64Milli(time)) / 1000 AS late_seconds,
    customer, id, type, partition, sequence
FROM late FINAL;

-- Records that were set aside. body is what came, and may be anything.
CREATE OR REPLACE VIEW v_deadletters AS
SELECT time, reason, error, subject, partition, sequence, body
FROM deadletters FINAL;
