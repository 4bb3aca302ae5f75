-- Who is at risk, apart from who is lapsed already, as of now. What a signal said
-- is as of the signal: the risk is called so, since it has grown with the silence.
-- The silence itself goes on by the newest clock of the customer's partition.

-- Up to when each partition of the newest era has published.
CREATE OR REPLACE VIEW v_partition_clocks AS
SELECT partition, max(clock) AS clock
FROM pipeline
WHERE era = (SELECT max(era) FROM pipeline)
GROUP BY partition;

-- The newest signal of every customer, as the newest era knows them, of who is at
-- risk or lapsed.
CREATE OR REPLACE VIEW v_leaving AS
SELECT
    newest.customer AS customer, newest.level AS level, newest.previous AS previous, newest.at AS at,
    newest.at AS since,
    newest.last_event AS last_event,
    greatest(clocks.clock, newest.at) AS clock,
    greatest(0, dateDiff('millisecond', newest.last_event, greatest(clocks.clock, newest.at))) / 86400000 AS silent_days,
    arrayMax(arrayPushBack(arrayMap(n -> n['every_ms'], newest.reason_numbers), 0)) / 86400000 AS usual_days,
    newest.value AS value, newest.value_at_risk AS value_at_risk, newest.currency AS currency,
    newest.risk AS risk_at_signal,
    newest.silent_ms / 86400000 AS silent_days_at_signal,
    newest.horizon_ms / 86400000 AS horizon_days,
    newest.headline AS headline,
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
-- silent_days is as of clock, against usual_days between visits (0 where the
-- signal does not say); risk_at_signal was the risk when the level was raised, at
-- since. Act on those that are not in the hold-out.
CREATE OR REPLACE VIEW v_at_risk AS
SELECT * FROM v_leaving WHERE level = 'at_risk'
ORDER BY value_at_risk DESC, silent_days / greatest(usual_days, 0.01) DESC, customer;

-- Customers who have been silent for a horizon, or have ended the relation: to
-- win back, not to keep. The columns are those of v_at_risk.
CREATE OR REPLACE VIEW v_lapsed AS
SELECT * FROM v_leaving WHERE level = 'lapsed'
ORDER BY since DESC, value DESC, customer;

-- Value at risk now, by level: of each customer as their newest signal told it.
CREATE OR REPLACE VIEW v_value_at_risk AS
SELECT level, currency, count() AS customers, sum(value) AS value, sum(value_at_risk) AS value_at_risk
FROM v_leaving
GROUP BY level, currency;
