-- When the input went silent, and what became of the signals held meanwhile.
CREATE TABLE IF NOT EXISTS feed
(
    channel   LowCardinality(String) COMMENT 'empty for the input as a whole',
    time      DateTime64(3, 'UTC') COMMENT 'of the change',
    partition UInt16,
    state     LowCardinality(String) COMMENT 'silent: far fewer events than usual; back: as usual again; given_up: silent for too long, what is usual is learned anew',
    since     DateTime64(3, 'UTC') COMMENT 'when the silence began',
    observed  UInt64 COMMENT 'events of the silence, up to the change',
    expected  Float64 COMMENT 'of them, by what is usual at these hours',
    held      UInt64 COMMENT 'customers of the partition whose signal is held then',
    released  UInt64 COMMENT 'signals of the partition held and then published, since the stream began',
    dropped   UInt64 COMMENT 'those no longer due when the feed was back, since the stream began',
    version   UInt64,
    clock     DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (channel, time, partition)
SETTINGS non_replicated_deduplication_window = 100
COMMENT 'Silences of the input; a row for each change, and one more when the last held signal is settled';

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
    ORDER BY time DESC
    LIMIT 1 BY channel, partition
)
GROUP BY channel;
