-- The first sentence of a signal says what the risk means.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS headline String COMMENT 'the first sentence: what the risk means' AFTER horizon_ms;

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
    headline,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk, currency,
    risk_if_back, if_back, holdout, returned,
    episode, partition, sequence, version, era
FROM valid_signals
WHERE signal != 'alert';

-- Whom the alert budget goes to: every alert, in words. level
-- is what has become of the customer since; they are back once it is healthy.
CREATE OR REPLACE VIEW v_budget_alerts AS
SELECT
    alerts.at AS at, alerts.customer AS customer,
    alerts.value_at_risk AS value_at_risk, alerts.value AS value, alerts.currency AS currency, alerts.risk AS risk,
    alerts.silent_ms / 86400000 AS silent_days,
    alerts.headline AS headline,
    arrayStringConcat(alerts.reason_text, '; ') AS reasons,
    alerts.risk_if_back AS risk_if_back, alerts.if_back AS if_back, alerts.returned AS returned,
    newest.level AS level,
    alerts.episode AS episode, alerts.partition AS partition, alerts.sequence AS sequence
FROM
(
    SELECT *
    FROM valid_signals
    WHERE signal = 'alert'
) AS alerts
LEFT JOIN
(
    SELECT era, customer, argMax(level, episode) AS level
    FROM valid_signals
    GROUP BY era, customer
) AS newest
ON alerts.era = newest.era AND alerts.customer = newest.customer;
