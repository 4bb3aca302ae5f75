-- What would clear a raised signal.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS risk_if_back Float64 COMMENT 'risk right after one engagement; 0 in a cleared signal' AFTER reason_text,
    ADD COLUMN IF NOT EXISTS if_back String COMMENT 'the same in words; empty in a cleared signal' AFTER risk_if_back;

-- Every change of level, with its reasons in words.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    risk_if_back, if_back,
    episode, partition, sequence, version
FROM signals FINAL;

-- Customers who are at risk or lapsed now, one row each.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT
    customer, level, previous, at, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    risk_if_back, if_back,
    episode, partition
FROM
(
    SELECT *
    FROM signals FINAL
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
)
WHERE level IN ('at_risk', 'lapsed');
