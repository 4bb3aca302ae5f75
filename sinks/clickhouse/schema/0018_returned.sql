-- Who had left and came again is a new customer who says so.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS returned Bool COMMENT 'the customer had left before, and nothing is known of that time; episodes then begin after the minutes from 1970 on to when they returned' AFTER holdout;

CREATE OR REPLACE VIEW valid_signals AS
SELECT *
FROM signals FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= at, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''));

-- Every change of level, with its reasons in words.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk, currency,
    risk_if_back, if_back, holdout, returned,
    episode, partition, sequence, version, era
FROM valid_signals
WHERE signal != 'alert';

-- Customers who are at risk or lapsed now, one row each, as the newest era knows
-- them. Act on those that are not in the hold-out.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT
    customer, level, previous, at, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk, currency,
    risk_if_back, if_back, holdout, returned,
    episode, partition
FROM
(
    SELECT *
    FROM signals FINAL
    WHERE signal != 'alert' AND era >= (SELECT max(era) FROM eras)
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
)
WHERE level IN ('at_risk', 'lapsed');

-- Whom the alert budget goes to: every alert, with its reasons in words. level
-- is what has become of the customer since; they are back once it is healthy.
CREATE OR REPLACE VIEW v_budget_alerts AS
SELECT
    alerts.at AS at, alerts.customer AS customer,
    alerts.value_at_risk AS value_at_risk, alerts.value AS value, alerts.currency AS currency, alerts.risk AS risk,
    alerts.silent_ms / 86400000 AS silent_days,
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
