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

-- Unrest: changes of level, raised and cleared, and the days that customers
-- were known, by day. A customer-month is 30 customer_days. Days before the
-- oldest signal that is kept are left out.
CREATE OR REPLACE VIEW v_unrest AS
SELECT day, sum(changed) AS level_changes, sum(days) AS customer_days
FROM
(
    SELECT toDate(at, 'UTC') AS day, 1 AS changed, 0. AS days
    FROM signals FINAL
    WHERE signal != 'alert' AND at <= (SELECT clock FROM v_clock)
    UNION ALL
    SELECT
        addDays(toDate(since, 'UTC'), arrayJoin(range(toUInt32(dateDiff('day', since, until, 'UTC') + 1))) AS further) AS day,
        0 AS changed,
        customers * (least(toUnixTimestamp64Milli(until), (toInt64(toDate(since, 'UTC')) + further + 1) * 86400000)
            - greatest(toUnixTimestamp64Milli(since), (toInt64(toDate(since, 'UTC')) + further) * 86400000)) / 86400000 AS days
    FROM
    (
        SELECT
            time AS since,
            leadInFrame(time, 1, assumeNotNull((SELECT clock FROM v_clock))) OVER ahead AS until,
            healthy + cooling + at_risk + lapsed AS customers
        FROM v_levels
        WINDOW ahead AS (ORDER BY time ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
    )
)
WHERE day >= (SELECT min(toDate(at, 'UTC')) FROM signals WHERE signal != 'alert')
GROUP BY day
HAVING level_changes > 0 OR customer_days > 0;
