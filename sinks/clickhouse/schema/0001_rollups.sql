-- The rows of windows. A row is absolute, not a change: the one with the
-- highest version is the truth, so writing any of them again, in any order,
-- changes nothing once FINAL or a merge has removed the older ones.
--
-- window      length: 1m, 5m, 1h, 24h, 7d, 28d
-- window_end  exclusive end, UTC; an import reaches back to 1970
-- partition   of the customers; figures add up over the partitions
-- version     stream sequence of the cut that produced the row
-- clock       the partition's clock at that cut
--
-- Yearly parts keep a history import of decades in few parts.

CREATE TABLE IF NOT EXISTS rollups_total
(
    window     LowCardinality(String),
    window_end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    partition  UInt16,
    events     UInt64 COMMENT 'accepted events of customers' CODEC(T64, ZSTD(1)),
    customers  UInt64 COMMENT 'exact distinct customers' CODEC(T64, ZSTD(1)),
    version    UInt64 CODEC(Delta, ZSTD(1)),
    clock      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(window_end)
ORDER BY (window, window_end, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Events and distinct customers by window';

CREATE TABLE IF NOT EXISTS rollups_kind
(
    window     LowCardinality(String),
    window_end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    kind       LowCardinality(String) COMMENT 'passive, micro, active, exposure or unknown',
    partition  UInt16,
    events     UInt64 CODEC(T64, ZSTD(1)),
    customers  UInt64 COMMENT 'exact distinct customers; 0 for exposure and unknown, which are not counted by customer' CODEC(T64, ZSTD(1)),
    version    UInt64 CODEC(Delta, ZSTD(1)),
    clock      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(window_end)
ORDER BY (window, window_end, kind, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Events and distinct customers by window and kind';

CREATE TABLE IF NOT EXISTS rollups_channel
(
    window     LowCardinality(String),
    window_end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    channel    LowCardinality(String) COMMENT 'none: no channel; other: one outside the configured list',
    partition  UInt16,
    events     UInt64 CODEC(T64, ZSTD(1)),
    version    UInt64 CODEC(Delta, ZSTD(1)),
    clock      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(window_end)
ORDER BY (window, window_end, channel, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Events by window and channel';

CREATE TABLE IF NOT EXISTS rollups_type
(
    window     LowCardinality(String),
    window_end DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    type       LowCardinality(String) COMMENT 'event type; unknown: one outside the vocabulary',
    currency   LowCardinality(String) COMMENT 'ISO 4217; empty where the events have no value',
    partition  UInt16,
    events     UInt64 CODEC(T64, ZSTD(1)),
    value_sum  Int64 COMMENT 'in millionths of the currency' CODEC(T64, ZSTD(1)),
    value      Decimal(38, 6) ALIAS toDecimal128(value_sum, 6) / 1000000,
    version    UInt64 CODEC(Delta, ZSTD(1)),
    clock      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(window_end)
ORDER BY (window, window_end, type, currency, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Events and sums of values by window, type and currency';
