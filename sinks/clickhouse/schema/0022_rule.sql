-- Why a customer is told of who is below the threshold of all, and how long their
-- usual pause is, which no reason may state.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS rule LowCardinality(String) COMMENT 'unusual: the risk is far above what it was after the latest engagement; worth: what a contact is likely to save exceeds its cost; empty for the threshold of all' AFTER headline,
    ADD COLUMN IF NOT EXISTS risk_usual Float64 COMMENT 'of rule unusual: the risk right after the latest engagement' AFTER rule,
    ADD COLUMN IF NOT EXISTS usual_ms Int64 COMMENT 'the customer''s usual pause; 0 for none yet' AFTER silent_ms;

CREATE OR REPLACE VIEW valid_signals AS
SELECT *
FROM signals FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= at, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

-- Every change of level, in words.
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
    episode, partition, sequence, version, era
FROM valid_signals
WHERE signal != 'alert';

-- The newest signal of every customer, as the newest era knows them, of who is at
-- risk or lapsed. usual_days is NULL where there is no usual pause yet.
CREATE OR REPLACE VIEW v_leaving AS
SELECT
    newest.customer AS customer, newest.level AS level, newest.previous AS previous, newest.at AS at,
    newest.at AS since,
    newest.last_event AS last_event,
    greatest(clocks.clock, newest.at) AS clock,
    greatest(0, dateDiff('millisecond', newest.last_event, greatest(clocks.clock, newest.at))) / 86400000 AS silent_days,
    nullIf(newest.usual_ms, 0) / 86400000 AS usual_days,
    newest.value AS value, newest.value_at_risk AS value_at_risk, newest.currency AS currency,
    newest.risk AS risk_at_signal,
    newest.silent_ms / 86400000 AS silent_days_at_signal,
    newest.horizon_ms / 86400000 AS horizon_days,
    newest.headline AS headline, newest.rule AS rule,
    newest.reason_text[1] AS reason,
    arrayStringConcat(newest.reason_text, '; ') AS reasons,
    newest.reason_code AS reason_code, newest.reason_log_odds AS reason_log_odds, newest.reason_text AS reason_text,
    newest.risk_if_back AS risk_if_back, newest.if_back AS if_back,
    newest.holdout AS holdout, newest.returned AS returned,
    newest.episode AS episode, newest.partition AS partition
FROM
(
    SELECT *
    FROM signals FINAL
    WHERE signal != 'alert' AND era >= (SELECT max(era) FROM eras)
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
) AS newest
LEFT JOIN v_partition_clocks AS clocks ON clocks.partition = newest.partition
WHERE newest.level IN ('at_risk', 'lapsed');

-- Customers who are at risk now, one row each, those with the most to lose first.
-- silent_days is as of clock, against usual_days between visits; risk_at_signal
-- was the risk when the level was raised, at since. Act on those that are not in
-- the hold-out.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT * FROM v_leaving WHERE level = 'at_risk'
ORDER BY value_at_risk DESC, silent_days / ifNull(usual_days, horizon_days) DESC, customer;

CREATE OR REPLACE VIEW v_lapsed AS
SELECT * FROM v_leaving WHERE level = 'lapsed'
ORDER BY since DESC, value DESC, customer;
