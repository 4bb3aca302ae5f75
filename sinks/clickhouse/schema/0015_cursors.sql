-- Up to where each stream is written. It lies beside the rows and is written
-- after them: an older copy of the database brings back the older cursor.
CREATE TABLE IF NOT EXISTS sink_cursors
(
    name     LowCardinality(String) COMMENT 'of the sink',
    stream   LowCardinality(String),
    minute   DateTime('UTC') DEFAULT toStartOfMinute(now('UTC')),
    sequence UInt64 COMMENT 'last message written; 0: nothing is vouched for',
    created  Int64 COMMENT 'when the stream was made, Unix ns',
    saved    DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(saved)
ORDER BY (name, stream, minute)
TTL minute + toIntervalDay(60)
COMMENT 'Up to where the sink has written each stream, by minute';
