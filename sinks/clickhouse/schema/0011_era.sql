-- Versions are sequences of one input stream. Where the streams are made anew
-- they begin at 1 again, so every row carries its era: when the stream was made
-- that it comes from. Of two rows with the same key the newer era is the truth,
-- and the newest era is the whole truth of what it covers: rows that only an
-- older one has don't count there. What lies before it stays.

ALTER TABLE rollups_total ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)), MODIFY ORDER BY (window, window_end, partition, era);
ALTER TABLE rollups_kind ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)), MODIFY ORDER BY (window, window_end, kind, partition, era);
ALTER TABLE rollups_channel ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)), MODIFY ORDER BY (window, window_end, channel, partition, era);
ALTER TABLE rollups_type ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made' CODEC(Delta, ZSTD(1)), MODIFY ORDER BY (window, window_end, type, currency, partition, era);
ALTER TABLE late ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made', MODIFY ORDER BY (sequence, era);
ALTER TABLE levels ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made', MODIFY ORDER BY (time, partition, era);
ALTER TABLE pipeline ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made', MODIFY ORDER BY (time, partition, era);
ALTER TABLE model_quality ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made', MODIFY ORDER BY (time, partition, segment, bin, era);
ALTER TABLE feed ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made', MODIFY ORDER BY (channel, time, partition, era);
ALTER TABLE signals ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made; episodes begin at 1 with it', MODIFY ORDER BY (customer, episode, level, signal, era);
ALTER TABLE deadletters ADD COLUMN IF NOT EXISTS era DateTime64(3, 'UTC') COMMENT 'when the input stream was made', MODIFY ORDER BY (reason, sequence, subject, era);

CREATE TABLE IF NOT EXISTS eras
(
    era    DateTime64(3, 'UTC') COMMENT 'when the input stream was made',
    window LowCardinality(String),
    since  DateTime64(3, 'UTC') COMMENT 'end of a window of the era; the least one is where it begins'
)
ENGINE = ReplacingMergeTree
ORDER BY (era, window, since)
COMMENT 'From which window on each era covers the tables';

-- From when on each era covers windows of a length, by their end, and what is
-- no window (window is empty), by its time.
CREATE OR REPLACE VIEW v_eras AS
SELECT era, toString(window) AS window, min(since) AS since
FROM eras
GROUP BY era, window
UNION ALL
SELECT era, '' AS window, min(since) AS since
FROM eras
GROUP BY era;

-- The rows that count: the newest version of each, without those that a newer
-- era covers. All other views read these. A view keeps the columns that its
-- table had, so a file that changes columns states the view again.
CREATE OR REPLACE VIEW valid_rollups_total AS
SELECT *
FROM rollups_total FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_rollups_kind AS
SELECT *
FROM rollups_kind FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_rollups_channel AS
SELECT *
FROM rollups_channel FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_rollups_type AS
SELECT *, value
FROM rollups_type FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 = window AND e.3 <= window_end, (SELECT groupArray((era, window, since)) FROM v_eras));

CREATE OR REPLACE VIEW valid_late AS
SELECT *
FROM late FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= clock, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_levels AS
SELECT *
FROM levels FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_pipeline AS
SELECT *
FROM pipeline FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_model_quality AS
SELECT *
FROM model_quality FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_feed AS
SELECT *
FROM feed FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_signals AS
SELECT *
FROM signals FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= at, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_deadletters AS
SELECT *
FROM deadletters FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));
