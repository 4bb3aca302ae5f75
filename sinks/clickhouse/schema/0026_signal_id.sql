-- The id by which a subscriber knows a signal, so that what came of an act can be joined
-- with it: the first half of a SHA-256 of era, customer, episode, level and signal, one a
-- line.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    headline, rule,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk, currency,
    risk_if_back, if_back, holdout, returned,
    episode, partition, sequence, version, era,
    lower(hex(substring(SHA256(concat(toString(toUnixTimestamp64Milli(era)), '\n', customer, '\n', toString(episode), '\n', toString(level), '\n', toString(signal))), 1, 16))) AS id
FROM valid_signals
WHERE signal != 'alert';
