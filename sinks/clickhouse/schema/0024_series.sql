-- History has thousands of windows of a key in one cut. Their rows are kept as
-- series, of which each holds those of one day, and the views give them out as
-- rows like the others. A window is in a series as it was when it ended; what
-- corrects it is a row of the table without _series, and the truth.

CREATE TABLE IF NOT EXISTS rollups_total_series
(
    window    LowCardinality(String),
    day       Date32 COMMENT 'of all window ends, UTC' CODEC(Delta, ZSTD(1)),
    partition UInt16,
    era       DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)),
    first_end DateTime64(3, 'UTC') COMMENT 'window end of the first row' CODEC(Delta, ZSTD(1)),
    last_end  DateTime64(3, 'UTC') COMMENT 'window end of the last row' CODEC(Delta, ZSTD(1)),
    slide     UInt64 COMMENT 'of the windows, ms' CODEC(T64, ZSTD(1)),
    steps     Array(UInt32) COMMENT 'slides from the window end of the row before, by row; the first is 0' CODEC(T64, ZSTD(1)),
    events    Array(UInt64) COMMENT 'by row' CODEC(T64, ZSTD(1)),
    customers Array(UInt64) COMMENT 'exact distinct customers, by row; empty where all are 0' CODEC(T64, ZSTD(1)),
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (window, day, partition, era, version, first_end)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 512
COMMENT 'Events and distinct customers of history by window';

CREATE TABLE IF NOT EXISTS rollups_kind_series
(
    window    LowCardinality(String),
    day       Date32 COMMENT 'of all window ends, UTC' CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    partition UInt16,
    era       DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)),
    first_end DateTime64(3, 'UTC') COMMENT 'window end of the first row' CODEC(Delta, ZSTD(1)),
    last_end  DateTime64(3, 'UTC') COMMENT 'window end of the last row' CODEC(Delta, ZSTD(1)),
    slide     UInt64 COMMENT 'of the windows, ms' CODEC(T64, ZSTD(1)),
    steps     Array(UInt32) COMMENT 'slides from the window end of the row before, by row; the first is 0' CODEC(T64, ZSTD(1)),
    events    Array(UInt64) COMMENT 'by row' CODEC(T64, ZSTD(1)),
    customers Array(UInt64) COMMENT 'exact distinct customers, by row; empty where all are 0' CODEC(T64, ZSTD(1)),
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (window, day, kind, partition, era, version, first_end)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 512
COMMENT 'Events and distinct customers of history by window and kind';

CREATE TABLE IF NOT EXISTS rollups_channel_series
(
    window    LowCardinality(String),
    day       Date32 COMMENT 'of all window ends, UTC' CODEC(Delta, ZSTD(1)),
    channel LowCardinality(String),
    partition UInt16,
    era       DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)),
    first_end DateTime64(3, 'UTC') COMMENT 'window end of the first row' CODEC(Delta, ZSTD(1)),
    last_end  DateTime64(3, 'UTC') COMMENT 'window end of the last row' CODEC(Delta, ZSTD(1)),
    slide     UInt64 COMMENT 'of the windows, ms' CODEC(T64, ZSTD(1)),
    steps     Array(UInt32) COMMENT 'slides from the window end of the row before, by row; the first is 0' CODEC(T64, ZSTD(1)),
    events    Array(UInt64) COMMENT 'by row' CODEC(T64, ZSTD(1)),
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (window, day, channel, partition, era, version, first_end)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 512
COMMENT 'Events of history by window and channel';

CREATE TABLE IF NOT EXISTS rollups_type_series
(
    window    LowCardinality(String),
    day       Date32 COMMENT 'of all window ends, UTC' CODEC(Delta, ZSTD(1)),
    type LowCardinality(String),
    currency LowCardinality(String),
    partition UInt16,
    era       DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)),
    first_end DateTime64(3, 'UTC') COMMENT 'window end of the first row' CODEC(Delta, ZSTD(1)),
    last_end  DateTime64(3, 'UTC') COMMENT 'window end of the last row' CODEC(Delta, ZSTD(1)),
    slide     UInt64 COMMENT 'of the windows, ms' CODEC(T64, ZSTD(1)),
    steps     Array(UInt32) COMMENT 'slides from the window end of the row before, by row; the first is 0' CODEC(T64, ZSTD(1)),
    events    Array(UInt64) COMMENT 'by row' CODEC(T64, ZSTD(1)),
    value_sum Array(Int128) COMMENT 'in millionths of the currency, by row; empty where all are 0' CODEC(ZSTD(1)),
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(day)
ORDER BY (window, day, type, currency, partition, era, version, first_end)
SETTINGS non_replicated_deduplication_window = 100, index_granularity = 512
COMMENT 'Events and sums of values of history by window, type and currency';

-- day is that of window_end: who filters by it as well reads history of these
-- days only.
CREATE OR REPLACE VIEW valid_rollups_total AS
SELECT window, window_end, partition, events, customers, version, clock, era, day
FROM
(
    SELECT window, window_end, partition, events, customers, version, clock, era, toDate32(window_end) AS day
    FROM rollups_total FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, partition, e AS events, n AS customers, version, clock, era, day
    FROM rollups_total_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e, arrayResize(s.customers, length(s.events)) AS n
    WHERE (window, window_end, partition, era) NOT IN
    (
        SELECT window, window_end, partition, era
        FROM rollups_total
        WHERE window_end >= (SELECT min(first_end) FROM rollups_total_series) AND window_end <= (SELECT max(last_end) FROM rollups_total_series)
            AND (window, era) IN (SELECT DISTINCT window, era FROM rollups_total_series)
    )
)
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_rollups_kind AS
SELECT window, window_end, kind, partition, events, customers, version, clock, era, day
FROM
(
    SELECT window, window_end, kind, partition, events, customers, version, clock, era, toDate32(window_end) AS day
    FROM rollups_kind FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, kind, partition, e AS events, n AS customers, version, clock, era, day
    FROM rollups_kind_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e, arrayResize(s.customers, length(s.events)) AS n
    WHERE (window, window_end, kind, partition, era) NOT IN
    (
        SELECT window, window_end, kind, partition, era
        FROM rollups_kind
        WHERE window_end >= (SELECT min(first_end) FROM rollups_kind_series) AND window_end <= (SELECT max(last_end) FROM rollups_kind_series)
            AND (window, era) IN (SELECT DISTINCT window, era FROM rollups_kind_series)
    )
)
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_rollups_channel AS
SELECT window, window_end, channel, partition, events, version, clock, era, day
FROM
(
    SELECT window, window_end, channel, partition, events, version, clock, era, toDate32(window_end) AS day
    FROM rollups_channel FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, channel, partition, e AS events, version, clock, era, day
    FROM rollups_channel_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e
    WHERE (window, window_end, channel, partition, era) NOT IN
    (
        SELECT window, window_end, channel, partition, era
        FROM rollups_channel
        WHERE window_end >= (SELECT min(first_end) FROM rollups_channel_series) AND window_end <= (SELECT max(last_end) FROM rollups_channel_series)
            AND (window, era) IN (SELECT DISTINCT window, era FROM rollups_channel_series)
    )
)
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_rollups_type AS
SELECT window, window_end, type, currency, partition, events, value_sum, version, clock, era, value, day
FROM
(
    SELECT window, window_end, type, currency, partition, events, value_sum, version, clock, era, value, toDate32(window_end) AS day
    FROM rollups_type FINAL
    UNION ALL
    SELECT window, addMilliseconds(s.first_end, step * s.slide) AS window_end, type, currency, partition, e AS events, n AS value_sum, version, clock, era, toDecimal256(n, 6) / 1000000 AS value, day
    FROM rollups_type_series AS s FINAL
    ARRAY JOIN arrayCumSum(s.steps) AS step, s.events AS e, arrayResize(s.value_sum, length(s.events)) AS n
    WHERE (window, window_end, type, currency, partition, era) NOT IN
    (
        SELECT window, window_end, type, currency, partition, era
        FROM rollups_type
        WHERE window_end >= (SELECT min(first_end) FROM rollups_type_series) AND window_end <= (SELECT max(last_end) FROM rollups_type_series)
            AND (window, era) IN (SELECT DISTINCT window, era FROM rollups_type_series)
    )
)
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

-- Events and distinct customers by window. Filter window and window_end, and
-- day, too, where there is history.
CREATE OR REPLACE VIEW v_total AS
SELECT window, window_end, sum(events) AS events, sum(customers) AS customers, day
FROM valid_rollups_total
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, day;

-- The same by kind. customers is 0 for exposure, unknown and machine. machine is
-- in no other total.
CREATE OR REPLACE VIEW v_kind AS
SELECT window, window_end, kind, sum(events) AS events, sum(customers) AS customers, day
FROM valid_rollups_kind
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, kind, day;

-- Events by window and channel.
CREATE OR REPLACE VIEW v_channel AS
SELECT window, window_end, channel, sum(events) AS events, day
FROM valid_rollups_channel
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, channel, day;

-- Events and values by window, type and currency. value is in units of the
-- currency; values of different currencies don't add up.
CREATE OR REPLACE VIEW v_type AS
SELECT window, window_end, type, currency, sum(events) AS events, sum(value) AS value, day
FROM valid_rollups_type
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, type, currency, day;
