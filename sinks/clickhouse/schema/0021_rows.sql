-- A record of history may hold several rows, so the sequence of a record does not
-- name what it tells of: the row does, too. It is 0 where a record is one event.

ALTER TABLE late ADD COLUMN IF NOT EXISTS row UInt16 COMMENT 'of the record, from 1, where that holds rows of history' AFTER sequence, MODIFY ORDER BY (sequence, era, row);
ALTER TABLE deadletters ADD COLUMN IF NOT EXISTS row UInt16 COMMENT 'of the record, from 1, where that holds rows of history' AFTER sequence, MODIFY ORDER BY (reason, sequence, subject, era, row);
ALTER TABLE signals ADD COLUMN IF NOT EXISTS row UInt16 COMMENT 'of the record, from 1, where that holds rows of history' AFTER sequence;

-- A view keeps the columns that its table had.
CREATE OR REPLACE VIEW valid_late AS
SELECT *
FROM late FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= clock, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_deadletters AS
SELECT *
FROM deadletters FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= time, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

CREATE OR REPLACE VIEW valid_signals AS
SELECT *
FROM signals FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= at, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));
