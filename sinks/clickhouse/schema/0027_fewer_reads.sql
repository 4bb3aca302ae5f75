-- Views of signals read less to say the same. Conditions on the key of the table
-- (customer, episode, level, signal, era) hold for all versions of a row, so they are
-- asked before versions are told apart, not after.

CREATE OR REPLACE VIEW valid_signals AS
SELECT *
FROM signals FINAL
WHERE era >= (SELECT max(era) FROM eras)
   OR NOT arrayExists(e -> e.1 > era AND e.2 <= at, (SELECT groupArray((era, since)) FROM v_eras WHERE window = ''))
SETTINGS optimize_move_to_prewhere_if_final = 1;

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
      AND (customer, episode) IN
      (
          SELECT customer, max(episode)
          FROM signals
          WHERE signal != 'alert' AND era >= (SELECT max(era) FROM eras)
          GROUP BY customer
      )
    ORDER BY customer, version DESC
    LIMIT 1 BY customer
    SETTINGS optimize_move_to_prewhere_if_final = 1
) AS newest
LEFT JOIN v_partition_clocks AS clocks ON clocks.partition = newest.partition
WHERE newest.level IN ('at_risk', 'lapsed');

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
    WHERE customer IN (SELECT customer FROM signals WHERE signal = 'alert')
    GROUP BY era, customer
) AS newest
ON alerts.era = newest.era AND alerts.customer = newest.customer;

-- What became of every alert, a signal that raised at_risk, whose horizon is
-- over. It was right if the customer did not come back within the horizon: it
-- was not cleared in that time, and no later signal tells of an engagement in
-- it. days_after is how long the customer had been silent. lead_days is how long
-- before their silence reached a horizon, when the loss is certain, the alert
-- came, and below 0 how long after that; NULL where it was not right.
CREATE OR REPLACE VIEW v_alerts AS
SELECT
    told.1 AS at, customer, told.2 AS holdout, told.3 AS risk,
    NOT arrayExists(c -> c.1 > told.4 AND (c.2 AND c.4 <= told.6 OR c.5 > told.1 AND c.5 <= told.6), changes) AS right,
    arrayExists(c -> c.1 > told.4 AND c.3 AND c.4 <= addDays(told.1, 1), changes) AS cleared_within_24h,
    if(right, (told.7 - told.5) / 86400000, NULL) AS lead_days,
    told.5 / 86400000 AS days_after
FROM
(
    SELECT
        era, customer,
        groupArray((episode, signal = 'cleared', signal = 'cleared' AND previous = 'at_risk', at, last_event)) AS changes,
        groupArrayIf((at, holdout, risk, episode, silent_ms, addMilliseconds(at, horizon_ms), horizon_ms), signal = 'raised' AND level = 'at_risk') AS alerts
    FROM valid_signals
    GROUP BY era, customer
) AS customers
ARRAY JOIN alerts AS told
LEFT JOIN v_era_clocks AS ends ON customers.era = ends.era
WHERE greatest(told.6, addDays(told.1, 1)) <= ends.clock;
