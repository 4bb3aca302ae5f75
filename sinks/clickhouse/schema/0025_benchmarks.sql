-- What figures are held against: targets, and what others have. Each time they are
-- set, a row without a metric says so, and what was set before no longer counts.
CREATE TABLE IF NOT EXISTS benchmarks
(
    kind    LowCardinality(String) COMMENT 'target or industry',
    metric  LowCardinality(String),
    segment String,
    figure  LowCardinality(String),
    value   Float64,
    at_most Bool COMMENT 'less is better',
    source  String,
    set_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(set_at)
ORDER BY (kind, metric, segment, figure)
COMMENT 'What figures are held against';

CREATE OR REPLACE VIEW valid_benchmarks AS
SELECT kind, metric, segment, figure, value, at_most, source, set_at
FROM benchmarks FINAL
WHERE metric != '' AND (kind, set_at) IN (SELECT kind, max(set_at) FROM benchmarks GROUP BY kind);
