-- The numbers that the texts of the reasons state.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS reason_numbers Array(Map(LowCardinality(String), Int64)) COMMENT 'of each reason, those that its text states; names that end in _ms are milliseconds' AFTER reason_text,
    COMMENT COLUMN IF EXISTS sequence 'of the last record in the input stream that the signal knows of: it follows from the accepted events of the partition up to this one';

-- Every reason of every change of level, one row each. place counts from 1:
-- what speaks most for the signal comes first.
CREATE OR REPLACE VIEW v_reasons AS
SELECT
    at, customer, signal, level, episode,
    place, code, log_odds, text, numbers,
    partition, sequence
FROM signals FINAL
ARRAY JOIN
    arrayEnumerate(reason_code) AS place,
    reason_code AS code,
    reason_log_odds AS log_odds,
    reason_text AS text,
    arrayResize(reason_numbers, length(reason_code)) AS numbers
WHERE signal != 'alert';
