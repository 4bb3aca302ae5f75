-- The first sentence of a signal says what the risk means.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS headline String COMMENT 'the first sentence: what the risk means' AFTER horizon_ms;

CREATE OR REPLACE VIEW valid_signals AS
SELECT *
FROM signals FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= at, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));
