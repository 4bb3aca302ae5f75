-- Scratch tables of a verification, beside the tables that it proves.

DROP TABLE IF EXISTS verify_raw;

-- The input stream as it is. lane: p events of producers, c control records of
-- the owners, h history. control: value of the header Ebb-Control. clock: the
-- store time, on h the time in the header Ebb-Clock, Unix ms.
CREATE TABLE verify_raw
(
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    partition UInt16,
    lane      LowCardinality(String),
    control   LowCardinality(String),
    forged    Bool,
    clock     Int64 CODEC(Delta, ZSTD(1)),
    body      String CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_types;

CREATE TABLE verify_types (name String, type String, kind String, channel String)
ENGINE = MergeTree
ORDER BY name;

DROP TABLE IF EXISTS verify_channels;

CREATE TABLE verify_channels (channel String)
ENGINE = MergeTree
ORDER BY channel;

DROP TABLE IF EXISTS verify_currencies;

CREATE TABLE verify_currencies (currency String)
ENGINE = MergeTree
ORDER BY currency;

DROP TABLE IF EXISTS verify_clocks;

-- What the partition's clock is once it has the record, and whether an import
-- is open when it comes.
CREATE TABLE verify_clocks
(
    partition UInt16,
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    position  Int64 CODEC(Delta, ZSTD(1)),
    lane      LowCardinality(String),
    control   LowCardinality(String),
    open      Bool,
    clock     Int64 CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_horizon;

-- The last cut of each partition: its last record, and its clock.
CREATE TABLE verify_horizon (partition UInt16, sequence UInt64, clock Int64)
ENGINE = MergeTree
ORDER BY partition;

DROP TABLE IF EXISTS verify_parsed;

-- Events, read by the rules. verdict is why a record is refused as far as it
-- shows in the record alone, else empty.
CREATE TABLE verify_parsed
(
    partition   UInt16,
    sequence    UInt64 CODEC(Delta, ZSTD(1)),
    clock       Int64 CODEC(Delta, ZSTD(1)),
    verdict     LowCardinality(String),
    time        Int64,
    customer_id String CODEC(ZSTD(1)),
    id          String CODEC(ZSTD(1)),
    name        LowCardinality(String),
    type        LowCardinality(String),
    kind        LowCardinality(String),
    channel     LowCardinality(String),
    currency    LowCardinality(String),
    value       Int64
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_customers;

CREATE TABLE verify_customers (customer_id String, customer UInt32, home UInt16)
ENGINE = MergeTree
ORDER BY customer_id;

DROP TABLE IF EXISTS verify_verdicts;

-- The final verdict of each event record: a reason, late, duplicate, or empty
-- where it is accepted.
CREATE TABLE verify_verdicts
(
    partition UInt16,
    sequence  UInt64 CODEC(Delta, ZSTD(1)),
    verdict   LowCardinality(String),
    customer  UInt32
)
ENGINE = MergeTree
ORDER BY (partition, sequence);

DROP TABLE IF EXISTS verify_accepted;

-- Accepted events up to the last cut.
CREATE TABLE verify_accepted
(
    partition UInt16,
    time      Int64 CODEC(Delta, ZSTD(1)),
    customer  UInt32,
    type      LowCardinality(String),
    kind      LowCardinality(String),
    channel   LowCardinality(String),
    currency  LowCardinality(String),
    value     Int64
)
ENGINE = MergeTree
ORDER BY (partition, time);
