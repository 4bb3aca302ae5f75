-- In which currency a customer's value is: amounts of different currencies
-- don't add up. And what scanners and bots do, which is a kind apart.
ALTER TABLE signals
    ADD COLUMN IF NOT EXISTS currency LowCardinality(String) COMMENT 'of value and value_at_risk: ISO 4217, the one of most of the customer''s orders; empty where the amounts have none' AFTER value_at_risk;

ALTER TABLE rollups_kind
    COMMENT COLUMN kind 'passive, micro, active, exposure, unknown or machine: what scanners and bots do, which counts nowhere else',
    COMMENT COLUMN customers 'exact distinct customers; 0 for exposure, unknown and machine, which are not counted by customer';

-- Events and distinct customers by window and kind. customers is 0 for
-- exposure, unknown and machine. machine is in no other total.
CREATE OR REPLACE VIEW v_kind AS
SELECT window, window_end, kind, sum(events) AS events, sum(customers) AS customers
FROM valid_rollups_kind
WHERE window_end <= (SELECT clock FROM v_clock)
GROUP BY window, window_end, kind;

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
    risk_if_back, if_back, holdout,
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
    risk_if_back, if_back, holdout,
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

-- Value at risk now, by level and currency: of each customer as their newest
-- signal told it. Customers without a value have no currency.
CREATE OR REPLACE VIEW v_value_at_risk AS
SELECT level, currency, count() AS customers, sum(value) AS value, sum(value_at_risk) AS value_at_risk
FROM v_at_risk
GROUP BY level, currency;

-- Whom the alert budget goes to: every alert, with its reasons in words. level
-- is what has become of the customer since; they are back once it is healthy.
CREATE OR REPLACE VIEW v_budget_alerts AS
SELECT
    alerts.at AS at, alerts.customer AS customer,
    alerts.value_at_risk AS value_at_risk, alerts.value AS value, alerts.currency AS currency, alerts.risk AS risk,
    alerts.silent_ms / 86400000 AS silent_days,
    arrayStringConcat(alerts.reason_text, '; ') AS reasons,
    alerts.risk_if_back AS risk_if_back, alerts.if_back AS if_back,
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
