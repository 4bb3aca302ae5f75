-- What customers bring, and whom to act on first. Rows with the signal alert
-- are no changes of level: they say which customers at risk are within the
-- alert budget, at the level that they are at.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS value Float64 COMMENT 'what the customer brings in a horizon if they go on as before, in units of the currency' AFTER reason_numbers,
    ADD COLUMN IF NOT EXISTS value_at_risk Float64 COMMENT 'value times risk' AFTER value,
    COMMENT COLUMN IF EXISTS signal 'raised: to a worse level; cleared: to a better one; alert: at risk, and within the alert budget';

-- Every change of level, with its reasons in words.
CREATE OR REPLACE VIEW v_signals AS
SELECT
    at, customer, signal, level, previous, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk,
    risk_if_back, if_back, holdout,
    episode, partition, sequence, version
FROM signals FINAL
WHERE signal != 'alert';

-- Customers who are at risk or lapsed now, one row each. Act on those that are
-- not in the hold-out.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT
    customer, level, previous, at, risk,
    horizon_ms / 86400000 AS horizon_days,
    last_event,
    silent_ms / 86400000 AS silent_days,
    arrayStringConcat(reason_text, '; ') AS reasons,
    reason_code, reason_log_odds, reason_text,
    value, value_at_risk,
    risk_if_back, if_back, holdout,
    episode, partition
FROM
(
    SELECT *
    FROM signals FINAL
    WHERE signal != 'alert'
    ORDER BY customer, episode DESC, version DESC
    LIMIT 1 BY customer
)
WHERE level IN ('at_risk', 'lapsed');

-- Value at risk now, by level: of each customer as their newest signal told it.
CREATE OR REPLACE VIEW v_value_at_risk AS
SELECT level, count() AS customers, sum(value) AS value, sum(value_at_risk) AS value_at_risk
FROM v_at_risk
GROUP BY level;

-- Whom the alert budget goes to: every alert, with its reasons in words. level
-- is what has become of the customer since; they are back once it is healthy.
CREATE OR REPLACE VIEW v_budget_alerts AS
SELECT
    alerts.at AS at, alerts.customer AS customer,
    alerts.value_at_risk AS value_at_risk, alerts.value AS value, alerts.risk AS risk,
    alerts.silent_ms / 86400000 AS silent_days,
    arrayStringConcat(alerts.reason_text, '; ') AS reasons,
    alerts.risk_if_back AS risk_if_back, alerts.if_back AS if_back,
    newest.level AS level,
    alerts.episode AS episode, alerts.partition AS partition, alerts.sequence AS sequence
FROM
(
    SELECT *
    FROM signals FINAL
    WHERE signal = 'alert'
) AS alerts
LEFT JOIN
(
    SELECT customer, argMax(level, episode) AS level
    FROM signals FINAL
    GROUP BY customer
) AS newest
ON alerts.customer = newest.customer;
