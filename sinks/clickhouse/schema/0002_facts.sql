-- Rows beside the windows. late, signals and deadletters name customers or
-- carry what they sent: give them a short time to live.

CREATE TABLE IF NOT EXISTS late
(
    sequence  UInt64 COMMENT 'of the event in the input stream',
    partition UInt16,
    time      DateTime64(3, 'UTC') COMMENT 'of the event',
    clock     DateTime64(3, 'UTC') COMMENT 'of the partition when it came',
    customer  String,
    id        String,
    type      LowCardinality(String),
    version   UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY sequence
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Events that came after the allowed lateness and count nowhere';

CREATE TABLE IF NOT EXISTS levels
(
    time      DateTime64(3, 'UTC') COMMENT 'end of the minute' CODEC(Delta, ZSTD(1)),
    partition UInt16,
    healthy   UInt64,
    cooling   UInt64,
    at_risk   UInt64,
    lapsed    UInt64,
    version   UInt64 CODEC(Delta, ZSTD(1)),
    clock     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (time, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Customers by risk level; a partition has a row for minutes in which something changed';

CREATE TABLE IF NOT EXISTS pipeline
(
    time         DateTime64(3, 'UTC') COMMENT 'end of the minute' CODEC(Delta, ZSTD(1)),
    partition    UInt16,
    clock        DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    watermark    DateTime64(3, 'UTC') COMMENT 'clock less the allowed lateness' CODEC(Delta, ZSTD(1)),
    sequence     UInt64 COMMENT 'of the last record in the input stream' CODEC(Delta, ZSTD(1)),
    processed    UInt64 COMMENT 'accepted events since the stream began; so are the three below' CODEC(Delta, ZSTD(1)),
    duplicates   UInt64 CODEC(Delta, ZSTD(1)),
    dead_letters UInt64 CODEC(Delta, ZSTD(1)),
    late_dropped UInt64 CODEC(Delta, ZSTD(1)),
    version      UInt64 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (time, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'How far each partition has come and what became of its records';

CREATE TABLE IF NOT EXISTS signals
(
    customer   String,
    episode    UInt32 COMMENT 'counts the level changes of the customer, from 1',
    level      LowCardinality(String),
    signal     LowCardinality(String) COMMENT 'raised: to a worse level; cleared: to a better one',
    previous   LowCardinality(String),
    at         DateTime64(3, 'UTC'),
    risk       Float64 COMMENT 'probability of no engagement in the next horizon',
    horizon_ms Int64,
    last_event DateTime64(3, 'UTC'),
    silent_ms  Int64,
    reason_code     Array(LowCardinality(String)),
    reason_log_odds Array(Float64) COMMENT 'positive: towards leaving',
    reason_text     Array(String),
    partition  UInt16,
    sequence   UInt64 COMMENT 'of the record in the input stream that moved the clock to the change',
    version    UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (customer, episode, level, signal)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Changes of the risk level of customers';

CREATE TABLE IF NOT EXISTS deadletters
(
    reason    LowCardinality(String),
    sequence  UInt64 COMMENT 'of the record in its stream',
    subject   String COMMENT 'on which it came',
    partition UInt16,
    time      DateTime64(3, 'UTC') COMMENT 'clock of the record',
    error     String,
    body      String COMMENT 'bytes as they came',
    version   UInt64 COMMENT 'sequence in the stream of dead letters'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (reason, sequence, subject)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Records that were set aside, with why';
